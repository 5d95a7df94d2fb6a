#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/options.h>
#include <coreshed/sources.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sources/input.h"
#include "sources/table_file.h"

namespace coreshed::sources {

/// What opening a CSV or TSV file gives.
struct OpenedCsv {
  Source source;
  std::shared_ptr<arrow::RecordBatchReader> rows;
  std::vector<std::string> warnings;
  TableOrigin origin;
};

/// What types columns shall have, beside what their values look like.
struct CsvTypes {
  std::shared_ptr<arrow::Schema> like;  ///< taken from the column of this name where values allow
  std::map<std::string, std::shared_ptr<arrow::DataType>> given;  ///< by name; whatever the values
};

/// Open a CSV file (`tabs`: TSV), its columns typed from all their values (spec/csv.md); every
/// column may be null. Rows come in the file's order and in bounded memory.
///
/// Errors  kValidation    empty; bytes in no encoding (encoding.h); a name twice in the header; a
/// row with too many fields;
///                        quotes that don't close: each with the line; a value that the type given
///                        for its column does not take
///         kUnsupported   no DuckDB; a given type that CSV has no texts for
///         kConflict      the file changed while being read
/// Of `options` the encoding and `stop` count here.
Result<OpenedCsv> OpenCsv(std::shared_ptr<InputFile> input, bool tabs, const CsvTypes& types,
                          const OpenOptions& options);

}  // namespace coreshed::sources
