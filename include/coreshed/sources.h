#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/options.h>

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

/// Open a table file; `-` is standard input, whose format its first bytes tell. CSV columns are
/// typed from the whole file (spec/format.md, "CSV types").
///
/// Errors  kNotFound, kInvalidArgument (ending), kValidation (not such a file, damaged, empty)
Result<OpenedFile> OpenTableFile(const std::string& path);
Result<OpenedFile> OpenTableFile(const std::string& path, FileFormat format);
/// The same, `format` by the ending if it is not given. A CSV column gets the type of the column of
/// the same name in `like`, where all its values allow that: so a correction of a file is no drift.
Result<OpenedFile> OpenTableFile(const std::string& path, std::optional<FileFormat> format,
                                 const std::shared_ptr<arrow::Schema>& like);

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
