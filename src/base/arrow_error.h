#pragma once

#include <arrow/result.h>
#include <arrow/status.h>
#include <coreshed/error.h>

#include <string>
#include <utility>

#include "base/result.h"

namespace coreshed {

/// Every Arrow status code as one of our kinds (Invalid → kValidation, IOError → kIo, …); `what`
/// begins the sentence, e.g. "reading versions/v2.parquet".
Error FromArrow(const arrow::Status& status, const std::string& what);

/// Our error through an Arrow interface (RecordBatchReader) and back: FromArrow finds it again.
arrow::Status ToArrow(const Error& error);

}  // namespace coreshed

#define CORESHED_ARROW_TRY(expression, what)                                     \
  do {                                                                           \
    if (::arrow::Status coreshed_status = (expression); !coreshed_status.ok()) { \
      return ::coreshed::FromArrow(coreshed_status, what);                       \
    }                                                                            \
  } while (false)

#define CORESHED_ARROW_ASSIGN_(name, target, expression, what)       \
  auto name = (expression);                                          \
  if (!name.ok()) return ::coreshed::FromArrow(name.status(), what); \
  target = std::move(name).ValueUnsafe()

#define CORESHED_ARROW_ASSIGN(target, expression, what) \
  CORESHED_ARROW_ASSIGN_(CORESHED_CONCAT(coreshed_arrow_, __LINE__), target, expression, what)
