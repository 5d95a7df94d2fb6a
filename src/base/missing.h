#pragma once

#include <coreshed/error.h>

#include <string>

namespace coreshed {

/// Field of an error that says: the object with this key, which metadata refer to, is not there, or
/// is another one. Either it is damage, or the record has moved on since its metadata were read
/// (spec/format.md, "When something is missing"): commit::ReadAgain tells which.
inline constexpr const char* kMissingField = "missing";

/// A file of a version, or a page of a history, that is not there.
inline Error MissingObject(const std::string& what, const std::string& key) {
  return Error{ErrorKind::kCorruption,
               what + " " + key +
                   " is missing. Restore it from a backup; coreshed verify tells what else is."}
      .With(kMissingField, key);
}

inline bool SaysMissing(const Error& error) {
  return error.fields.contains(kMissingField);
}

}  // namespace coreshed
