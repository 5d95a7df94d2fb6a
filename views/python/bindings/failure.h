#pragma once

#include <coreshed/error.h>
#include <nanobind/nanobind.h>

#include <exception>
#include <utility>

namespace coreshed::python {

namespace nb = nanobind;

/// An Error on its way to Python, where it becomes an exception of coreshed.errors. Made and caught
/// without the interpreter's lock.
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

/// An exception object for an error; needs the interpreter's lock.
nb::object ExceptionOf(const Error& error);

/// Raise `error` here, with a Failure that it would hide as its context: whoever is stopped by
/// Ctrl-C can still find out what became of the call. Needs the interpreter's lock.
void AddContext(const nb::python_error& error, const Error& hidden);

/// See to it that a Failure that leaves a function raises that exception.
void TranslateFailures(nb::module_& module);

}  // namespace coreshed::python
