#pragma once

#include <arrow/status.h>
#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <exception>
#include <utility>

namespace coreshed::cli {

/// An Error on its way to main, which prints it and exits with its number.
class Failure : public std::exception {
 public:
  explicit Failure(Error error) : error_(std::move(error)) {}
  const char* what() const noexcept override { return error_.message.c_str(); }
  const Error& error() const { return error_; }

 private:
  Error error_;
};

/// The value of a result, or the way out.
template <typename T>
T Take(Result<T> result) {
  if (!result) throw Failure(std::move(result).error());
  return std::move(result).value();
}
inline void Take(Result<void> result) {
  if (!result) throw Failure(std::move(result).error());
}

/// Out with a failure of a stream of rows that the store handed out.
[[noreturn]] inline void ThrowStatus(const arrow::Status& status) {
  throw Failure(ErrorOf(status));
}

}  // namespace coreshed::cli
