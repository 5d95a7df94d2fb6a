#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/options.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace coreshed {

/// The formats that tables come in and go out as.
enum class FileFormat { kCsv, kParquet, kArrow };

/// The format that a file's ending tells, in any case: .csv, .tsv, .parquet, .arrow, .ipc,
/// .feather.
///
/// Errors  kInvalidArgument   an ending that is none of these; lists them
Result<FileFormat> FormatOfFile(const std::string& path);

/// A file opened as a table: its rows as a stream, and the source to record with the version.
struct OpenedFile {
  std::string table_name;  ///< the file's stem
  Source source;           ///< base name, SHA-256 and size of the bytes
  std::shared_ptr<arrow::RecordBatchReader> rows;
};

/// How to open a table file.
struct OpenFileOptions {
  /// Nothing: the file's ending tells; of standard input, its first bytes.
  std::optional<FileFormat> format;
  /// A CSV column gets the type of the column of the same name here, where that takes all its
  /// values: so a correction of a file is no drift.
  std::shared_ptr<arrow::Schema> like = nullptr;
  /// Types that CSV columns must have, by name (spec/csv.md, "Types by column"); names that the
  /// file does not have are passed over. Columns of other files have types of their own.
  std::map<std::string, std::shared_ptr<arrow::DataType>> types = {};
};

/// Open a table file; `-` is standard input. CSV columns are typed from the whole file
/// (spec/csv.md).
///
/// Errors  kNotFound, kInvalidArgument (ending; a type given for a column of a file that is no
///         CSV), kValidation (not such a file, damaged, empty; a
///         value that a type given for its column does not take), kUnsupported (a type that CSV
///         files have no texts for)
Result<OpenedFile> OpenTableFile(const std::string& path, const OpenFileOptions& options = {});

/// Write rows as a file, whole or not at all: it appears under its name when it is complete.
/// An existing file is replaced only if `overwrite`. `-` is standard output (Arrow: as a stream).
///
/// Errors  kAlreadyExists, kIo, kUnsupported (a type that the format can't hold)
Result<int64_t> WriteTableFile(arrow::RecordBatchReader& rows, const std::string& path,
                               FileFormat format, bool overwrite = false);

/// The error behind the status that a stream of rows ended with.
Error ErrorOf(const arrow::Status& status);

/// The cells of a column as texts (utf8), as they stand in a CSV file; null stays null.
///
/// Errors  kUnsupported   a type that has no text there: nested, binary, durations
Result<std::shared_ptr<arrow::Array>> CellTexts(const std::shared_ptr<arrow::Array>& column);

}  // namespace coreshed
