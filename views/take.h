#pragma once

#include <coreshed/error.h>

#include <exception>
#include <utility>

namespace coreshed::views {

/// An Error on its way to where a view can show it: main prints it and exits with its number,
/// Python gets an exception of coreshed.errors.
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

}  // namespace coreshed::views
