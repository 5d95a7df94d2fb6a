#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/data.h>
#include <coreshed/error.h>
#include <coreshed/options.h>

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace coreshed {

/// The formats that tables come in and go out as.
enum class FileFormat { kCsv, kParquet, kArrow, kExcel };

/// The format that a file's ending tells, in any case: .csv, .tsv, .parquet, .arrow, .ipc,
/// .feather, .xlsx, .xlsm.
///
/// Errors  kInvalidArgument   an ending that is none of these; lists them (.xls, .xlsb: says what
///                            to do)
Result<FileFormat> FormatOfFile(const std::string& path);

/// Where the bytes of a file are: at a path (`-` is standard input), or in memory, as they were
/// sent.
struct FileInput {
  std::string path;
  std::shared_ptr<arrow::Buffer> bytes = nullptr;  ///< these, not those at `path`
  std::string file_name = {};  ///< what messages and records call it; empty: as in `path`
};

/// A file opened as tables: their rows as streams, and the source to record with the version.
struct OpenedFile {
  Source source;                      ///< base name, SHA-256 and size of the bytes
  std::vector<TableInput> tables;     ///< each a reader; one alone is called as the file's stem
  std::vector<std::string> warnings;  ///< what a person should know of how it was read
};

/// What a file from outside may be at most; more is kValidation.
struct FileLimits {
  int64_t bytes = int64_t{2} << 30;            ///< of the file as it was handed in
  int64_t columns = 20'000;                    ///< of one table
  int64_t entries = 1'000;                     ///< files in an archive or a folder
  int64_t unpacked_bytes = int64_t{16} << 30;  ///< of a packed file or an archive, in all
  /// Unpacked to packed bytes, of what unpacks to more than 64 MiB.
  int64_t ratio = 250;
};

/// How to open a table file.
struct OpenFileOptions {
  /// Nothing: the file's ending tells; of standard input, its first bytes.
  std::optional<FileFormat> format;
  /// By table: a column of a format without types (CSV) gets the type of the column of the same
  /// name here, where that takes all its values: so a correction of a file is no drift. Of one
  /// table here and one in the file the names do not count.
  std::map<std::string, std::shared_ptr<arrow::Schema>> like = {};
  /// Types that columns of formats without types must have, by name (spec/csv.md, "Types by
  /// column"); names that the file does not have are passed over. Columns of other files have types
  /// of their own.
  std::map<std::string, std::shared_ptr<arrow::DataType>> types = {};
  FileLimits limits = {};
  std::stop_token stop = {};  ///< kCancelled
};

/// Open a file of one or more tables. CSV columns are typed from the whole file (spec/csv.md).
///
/// Errors  kNotFound, kInvalidArgument (ending; a type given for a column of a file that is no
///         CSV), kValidation (not such a file, damaged, empty, over a limit; a
///         value that a type given for its column does not take), kUnsupported (a type that CSV
///         files have no texts for), kCancelled
Result<OpenedFile> OpenFile(const FileInput& input, const OpenFileOptions& options = {});

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
