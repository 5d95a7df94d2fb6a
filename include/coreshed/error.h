#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace coreshed {

/// The closed list of errors, equal in C++, Python, CLI and HTTP; chosen by what the caller does
/// next. Numbers are stable: they are the CLI's exit codes. Kinds are only ever added.
enum class ErrorKind : int {
  kNotFound = 3,          ///< no such store, record, version, table, column or ref
  kAlreadyExists = 4,     ///< the id or name is in use
  kConflict = 5,          ///< somebody else was first: read again, decide again
  kLockTimeout = 6,       ///< another process held the record's lock for too long
  kInvalidState = 7,      ///< the record's status does not allow this
  kSchemaDrift = 8,       ///< the schema changed in a way that the policy refuses
  kValidation = 9,        ///< the data break a rule
  kCorruption = 10,       ///< what is stored is damaged; nothing is written to it
  kInvalidArgument = 11,  ///< the call itself is wrong
  kIo = 12,               ///< disk or network failed; nothing was changed
  kUnsupported = 13,      ///< not available for this type, storage or platform
  kCancelled = 14,        ///< the caller asked to stop; nothing was changed
  kOutcomeUnknown = 15,   ///< may or may not be committed: ask Store::Resolve, delete nothing
};

/// The name of a kind as every face spells it, e.g. "NotFound".
std::string_view ErrorKindName(ErrorKind kind);

/// What went wrong: a kind, one sentence or two for a person (what happened, to what, what to do),
/// and named fields for programs (`record_id`, `version`, `event_id`, …).
struct Error {
  ErrorKind kind = ErrorKind::kIo;
  std::string message;
  std::map<std::string, std::string> fields = {};

  Error&& With(std::string key, std::string value) && {
    fields.insert_or_assign(std::move(key), std::move(value));
    return std::move(*this);
  }
};

/// A value or an Error, shaped like std::expected (C++23).
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool has_value() const { return content_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return std::get<0>(content_); }
  const T& value() const& { return std::get<0>(content_); }
  T&& value() && { return std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Error& error() & { return std::get<1>(content_); }
  const Error& error() const& { return std::get<1>(content_); }
  Error&& error() && { return std::get<1>(std::move(content_)); }

 private:
  std::variant<T, Error> content_;
};

/// Success or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace coreshed
