#include <coreshed/error.h>

namespace coreshed {

std::string_view ErrorKindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNotFound:
      return "NotFound";
    case ErrorKind::kAlreadyExists:
      return "AlreadyExists";
    case ErrorKind::kConflict:
      return "Conflict";
    case ErrorKind::kLockTimeout:
      return "LockTimeout";
    case ErrorKind::kInvalidState:
      return "InvalidState";
    case ErrorKind::kSchemaDrift:
      return "SchemaDrift";
    case ErrorKind::kValidation:
      return "Validation";
    case ErrorKind::kCorruption:
      return "Corruption";
    case ErrorKind::kInvalidArgument:
      return "InvalidArgument";
    case ErrorKind::kIo:
      return "Io";
    case ErrorKind::kUnsupported:
      return "Unsupported";
    case ErrorKind::kCancelled:
      return "Cancelled";
    case ErrorKind::kOutcomeUnknown:
      return "OutcomeUnknown";
  }
  return "Unknown";
}

}  // namespace coreshed
