#pragma once

#include <arrow/status.h>
#include <coreshed/error.h>
#include <coreshed/sources.h>

#include "take.h"

namespace coreshed::cli {

using views::Failure;
using views::Take;

/// Out with a failure of a stream of rows that the store handed out.
[[noreturn]] inline void ThrowStatus(const arrow::Status& status) {
  throw Failure(ErrorOf(status));
}

}  // namespace coreshed::cli
