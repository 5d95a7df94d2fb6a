#pragma once

#include <coreshed/error.h>

#include <string>
#include <utility>

/// Return the error of a Result<void> expression, if it is one.
#define CORESHED_TRY(expression)                                 \
  do {                                                           \
    if (auto coreshed_result = (expression); !coreshed_result) { \
      return std::move(coreshed_result).error();                 \
    }                                                            \
  } while (false)

#define CORESHED_CONCAT_(a, b) a##b
#define CORESHED_CONCAT(a, b) CORESHED_CONCAT_(a, b)
#define CORESHED_ASSIGN_(name, target, expression) \
  auto name = (expression);                        \
  if (!name) return std::move(name).error();       \
  target = std::move(name).value()

/// `CORESHED_ASSIGN(auto blob, storage.Get(key));`: the value, or return the error.
#define CORESHED_ASSIGN(target, expression) \
  CORESHED_ASSIGN_(CORESHED_CONCAT(coreshed_result_, __LINE__), target, expression)
