#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <stop_token>
#include <vector>

#include "sources/csv.h"
#include "sources/csv_scan.h"
#include "sources/duckdb.h"
#include "sources/input.h"

namespace coreshed::sources {

/// How the cells of a column are read.
struct CsvColumn {
  std::shared_ptr<arrow::DataType> type;
  /// An unquoted NA is null though the column is text: nobody knows that it is, there are only NAs.
  bool na_is_null = false;
  /// The type that its texts stand for, where they are to be read as such later; null: its own.
  std::shared_ptr<arrow::DataType> means = nullptr;
};

/// Each column's type: the one it must have, else from all its cells, but like that of an earlier
/// column where they allow it.
///
/// Errors  kValidation    a cell that the type which its column must have does not take
///         kUnsupported   such a type that CSV has no texts for
///         kCancelled     by `stop`
Result<std::vector<CsvColumn>> FindTypes(const InputFile& input, const CsvShape& shape,
                                         const CsvTypes& wanted, duckdb::Session* session,
                                         const std::stop_token& stop);

}  // namespace coreshed::sources
