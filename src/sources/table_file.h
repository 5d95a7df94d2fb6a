#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>
#include <coreshed/data.h>
#include <coreshed/error.h>

#include <memory>
#include <string>
#include <vector>

#include "sources/input.h"

/// Parquet and Arrow IPC files (and Arrow IPC streams), in and out. What comes from outside is
/// checked: a file that is cut, damaged or of another kind is kValidation, naming it and what is
/// wrong.
namespace coreshed::sources {

/// What opening a file of several tables gives: each by its name, as a reader; and what a person
/// should know of how the file was read.
struct OpenedTables {
  std::vector<TableInput> tables;
  std::vector<std::string> warnings;
};

Result<std::shared_ptr<arrow::RecordBatchReader>> OpenParquet(std::shared_ptr<InputFile> input);
Result<std::shared_ptr<arrow::RecordBatchReader>> OpenArrow(std::shared_ptr<InputFile> input);

// Each writes all rows and returns how many. kUnsupported: a type that the format can't hold.

Result<int64_t> WriteParquet(arrow::RecordBatchReader& rows,
                             const std::shared_ptr<arrow::io::OutputStream>& sink);
/// `stream`: the form for pipes, else the form for files.
Result<int64_t> WriteArrow(arrow::RecordBatchReader& rows,
                           const std::shared_ptr<arrow::io::OutputStream>& sink, bool stream);
/// RFC 4180 with a header: null is an empty cell, an empty text "" in quotes. What could be taken
/// for NA is in quotes. Formulas stay as they are: see SECURITY.md.
Result<int64_t> WriteCsv(arrow::RecordBatchReader& rows,
                         const std::shared_ptr<arrow::io::OutputStream>& sink, char delimiter);

}  // namespace coreshed::sources
