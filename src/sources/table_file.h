#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>
#include <coreshed/data.h>
#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sources/input.h"

/// Parquet and Arrow IPC files (and Arrow IPC streams) and AGS files, in and out. What comes from
/// outside is checked: a file that is cut, damaged or of another kind is kValidation, naming it and
/// what is wrong.
namespace coreshed::sources {

/// How a file is opened.
struct OpenOptions : OpenFileOptions {
  /// Columns of CSV, JSON lines and Excel come as the texts of their cells, given types say what
  /// they stand for, and of CSV rows with too many fields the first ones: for those who check cells
  /// themselves, and look at TableOrigin::wide_rows. Lists and objects of JSON, and columns that
  /// are to be durations, come typed.
  bool as_cells = false;
};

/// A row that its file has, but not as a row of the table should be.
struct RowFault {
  int64_t record = 0;  ///< from 1, the header not counted
  std::string value, reason;
};

/// Where the rows of a table come from.
struct TableOrigin {
  std::string file;
  std::function<int64_t(int64_t)> line_of = {};  ///< of a record; none: not known
  std::vector<RowFault> wide_rows = {};          ///< with too many fields
  /// Those fields of a record, as they are written behind its row in a CSV file; none: never any.
  std::function<Result<std::string>(int64_t)> surplus_of = {};
};

/// What opening a file of several tables gives: each by its name, as a reader; and what a person
/// should know of how the file was read.
struct OpenedTables {
  std::vector<TableInput> tables;
  std::vector<std::string> warnings;
  std::vector<TableOrigin> origins = {};  ///< of each table; none: nothing is known
};

Result<std::shared_ptr<arrow::RecordBatchReader>> OpenParquet(std::shared_ptr<InputFile> input,
                                                              const FileLimits& limits);
Result<std::shared_ptr<arrow::RecordBatchReader>> OpenArrow(std::shared_ptr<InputFile> input,
                                                            const FileLimits& limits);
/// An AGS 4 file (spec/ags.md): each group a table, in the file's order, read in bounded memory.
///
/// Errors  kValidation    not to be read; with `file`, `line`, `rule` (of AGS)
///         kCancelled
///         kConflict      the file changed while being read
Result<OpenedTables> OpenAgs(std::shared_ptr<InputFile> input, const OpenFileOptions& options);

/// The rows of a table that was handed in, whole or as a stream.
std::shared_ptr<arrow::RecordBatchReader> RowsOf(const TableInput& table);

// Each writes all rows and returns how many. kUnsupported: a type that the format can't hold.

Result<int64_t> WriteParquet(arrow::RecordBatchReader& rows,
                             const std::shared_ptr<arrow::io::OutputStream>& sink);
/// `stream`: the form for pipes, else the form for files.
Result<int64_t> WriteArrow(arrow::RecordBatchReader& rows,
                           const std::shared_ptr<arrow::io::OutputStream>& sink, bool stream);
/// RFC 4180 with a header: null is an empty cell, an empty text "" in quotes. What could be taken
/// for NA is in quotes. Formulas stay as they are: see SECURITY.md. `tail`: what is written behind
/// the n-th row, from 0.
using RowTail = std::function<Result<std::string>(int64_t row)>;
Result<int64_t> WriteCsv(arrow::RecordBatchReader& rows,
                         const std::shared_ptr<arrow::io::OutputStream>& sink, char delimiter,
                         const RowTail& tail = nullptr);
/// Tables as the groups of one AGS 4 file, in the order that their metadata say, then by name.
///
/// Errors  kUnsupported       a type, or a value, that AGS has no text for
///         kInvalidArgument   a name that AGS does not allow; the same twice
Result<int64_t> WriteAgs(const std::vector<TableInput>& tables,
                         const std::shared_ptr<arrow::io::OutputStream>& sink);

}  // namespace coreshed::sources
