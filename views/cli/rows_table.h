#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <string>

#include "cli/output.h"

namespace coreshed::cli {

/// Print `title` and below it rows as a table: the first and the last `rows_max` / 2 of them
/// (negative: all), as many columns as the terminal has room for, and a line that says what is not
/// shown. Returns how many rows there were.
int64_t PrintRows(const std::string& title, arrow::RecordBatchReader& rows, int64_t rows_max,
                  Output& output);

/// Print rows as the member `rows` of the object `head`, one object a row, and `row_count` after
/// it.
int64_t PrintRowsJson(arrow::RecordBatchReader& rows, const Json& head, Output& output);

}  // namespace coreshed::cli
