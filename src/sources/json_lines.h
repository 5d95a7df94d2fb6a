#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <memory>
#include <string>
#include <vector>

#include "sources/input.h"
#include "sources/json_types.h"
#include "sources/table_file.h"

namespace coreshed::sources {

/// The rows of a file of JSON lines, and what a person should know of their types.
struct OpenedJson {
  std::shared_ptr<arrow::RecordBatchReader> rows;
  std::vector<std::string> warnings;
  TableOrigin origin;
};

/// Open a file of JSON lines (spec/json.md), its columns typed from all lines. Rows come in the
/// file's order and in bounded memory. `options.as_cells`: what is no list or object comes as text.
///
/// Errors  kValidation    with the line, except where the whole file is at fault
///         kUnsupported   a given type that no value of JSON is read as
///         kConflict      the file changed while being read
///         kCancelled
Result<OpenedJson> OpenJsonLines(std::shared_ptr<InputFile> input, const JsonTypes& types,
                                 const OpenOptions& options);

}  // namespace coreshed::sources
