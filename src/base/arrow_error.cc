#include "base/arrow_error.h"

#include <arrow/util/macros.h>

#include <memory>

namespace coreshed {
namespace {

/// Carries one of our errors through Arrow's Status.
class CarriedError : public arrow::StatusDetail {
 public:
  explicit CarriedError(Error error) : error_(std::move(error)) {}
  const char* type_id() const override { return kTypeId; }
  std::string ToString() const override { return error_.message; }
  const Error& error() const { return error_; }

  static constexpr const char* kTypeId = "coreshed::Error";

 private:
  Error error_;
};

ErrorKind KindOf(arrow::StatusCode code) {
  switch (code) {
    case arrow::StatusCode::IOError:
    case arrow::StatusCode::OutOfMemory:
    case arrow::StatusCode::UnknownError:
      return ErrorKind::kIo;
    case arrow::StatusCode::NotImplemented:
      return ErrorKind::kUnsupported;
    case arrow::StatusCode::KeyError:
    case arrow::StatusCode::IndexError:
      return ErrorKind::kNotFound;
    case arrow::StatusCode::Cancelled:
      return ErrorKind::kCancelled;
    case arrow::StatusCode::AlreadyExists:
      return ErrorKind::kAlreadyExists;
    default:
      return ErrorKind::kValidation;
  }
}

}  // namespace

Error FromArrow(const arrow::Status& status, const std::string& what) {
  if (const auto& detail = status.detail();
      detail != nullptr && std::string_view(detail->type_id()) == CarriedError::kTypeId) {
    return static_cast<const CarriedError&>(*detail).error();
  }
  return Error{KindOf(status.code()), what + ": " + status.message()};
}

arrow::Status ToArrow(const Error& error) {
  const auto code =
      error.kind == ErrorKind::kIo ? arrow::StatusCode::IOError : arrow::StatusCode::Invalid;
  return arrow::Status(code, error.message, std::make_shared<CarriedError>(error));
}

}  // namespace coreshed
