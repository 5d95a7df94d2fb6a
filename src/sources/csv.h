#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/options.h>

#include <memory>

#include "sources/input.h"

namespace coreshed::sources {

/// What opening a CSV or TSV file gives.
struct OpenedCsv {
  Source source;
  std::shared_ptr<arrow::RecordBatchReader> rows;
};

/// Open a CSV file (`tabs`: TSV), its columns typed from all their values (spec/format.md, "CSV
/// types"); every column may be null. Rows come in the file's order and in bounded memory.
///
/// Errors  kValidation    empty; not UTF-8; a name twice in the header; a row with too many fields;
///                        quotes that don't close: each with the line
///         kUnsupported   no DuckDB
///         kConflict      the file changed while being read
Result<OpenedCsv> OpenCsv(std::shared_ptr<InputFile> input, bool tabs,
                          const std::shared_ptr<arrow::Schema>& like);

}  // namespace coreshed::sources
