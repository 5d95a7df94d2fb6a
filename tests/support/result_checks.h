#pragma once

#include <coreshed/error.h>
#include <gtest/gtest.h>

#include <utility>

namespace coreshed {

/// The value of a Result, or a failure of the test that says the error and ends it with an
/// exception.
template <typename T>
T Must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << ErrorKindName(result.error().kind) << ": " << result.error().message;
    throw std::runtime_error(result.error().message);
  }
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

/// The kind of the error, or a failure of the test where there is none.
template <typename T>
Error MustFail(Result<T> result) {
  if (!result) return std::move(result).error();
  ADD_FAILURE() << "succeeded, but should not have";
  return Error{ErrorKind::kInvalidArgument, "no error"};
}

}  // namespace coreshed
