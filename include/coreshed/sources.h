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

struct SchemaDefinition;

/// The formats that tables come in as; CSV, Parquet, Arrow and AGS are written, too.
enum class FileFormat {
  kCsv,
  kJsonLines,
  kParquet,
  kArrow,
  kExcel,
  kAgs,
  kSasXpt,
  kSas7bdat,
  kZip,
};

/// "csv", "jsonl", "parquet", "arrow", "excel", "ags", "xpt", "sas7bdat", "zip".
std::string FileFormatName(FileFormat format);
std::optional<FileFormat> ParseFileFormat(const std::string& name);
/// All of them, or those that are written.
std::vector<std::string> FileFormatNames(bool written = false);

/// The format that a file's ending tells, in any case: .csv, .tsv, .jsonl, .ndjson, .parquet,
/// .arrow, .ipc, .feather, .xlsx, .xlsm, .ags, .xpt, .xport, .sas7bdat, .zip; and text formats
/// packed, as .csv.gz or .csv.zst.
///
/// Errors  kInvalidArgument   an ending that is none of these; lists them (.xls, .xlsb: says what
///                            to do)
Result<FileFormat> FormatOfFile(const std::string& path);

/// Where the bytes of a file are: at a path (`-` is standard input; of a folder, those of the ZIP
/// archive that its files make), or in memory, as they were sent.
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
  int64_t bytes = INT64_MAX;                   ///< of the file as it was handed in
  int64_t columns = 20'000;                    ///< of one table
  int64_t entries = 1'000;                     ///< files in an archive or a folder
  int64_t unpacked_bytes = int64_t{16} << 30;  ///< of a packed file or an archive, in all
  /// Unpacked to packed bytes, of what unpacks to more than 64 MiB.
  int64_t ratio = 250;
};

/// How to open a file of tables.
struct OpenFileOptions {
  /// Nothing: the file's ending tells; of standard input, its first bytes.
  std::optional<FileFormat> format;
  /// By table: a column of a format without types (CSV, JSON lines, Excel, AGS) gets the type of
  /// the column of the same name here, where that takes all its values: so a correction of a file
  /// is no drift. Of one table here and one in the file the names do not count.
  std::map<std::string, std::shared_ptr<arrow::Schema>> like = {};
  /// Types that columns of such formats (not of AGS) must have, by name (spec/csv.md, "Types by
  /// column"); names that the file does not have are passed over. Columns of other files have types
  /// of their own.
  std::map<std::string, std::shared_ptr<arrow::DataType>> types = {};
  /// A schema that the tables are to keep: its types are wished for like those of `like`, and over
  /// them. What they do not take comes as the values look, for the check to tell. Null: none.
  std::shared_ptr<const SchemaDefinition> schema = nullptr;
  /// Of text and SAS files: utf-8, utf-16 or latin-1 (Windows-1252), which the bytes must then be.
  /// Empty: the bytes tell (spec/csv.md, "Encodings").
  std::string encoding = {};
  FileLimits limits = {};
  std::stop_token stop = {};  ///< kCancelled
  Progress progress = {};     ///< of reading a CSV file's bytes: "read"
};

/// A file that is to be written to a record.
struct RecordFile {
  FileInput input;
  std::string table = {};  ///< that its one table becomes; empty: it is called as the file
};

/// How to open files for a record (Store::OpenFilesFor).
struct RecordFileOptions {
  std::map<std::string, std::string> renames = {};  ///< columns, old → new
  std::string schema = {};                          ///< as WriteOptions::schema
  OpenFileOptions reading = {};                     ///< its `like` and `schema` are the record's
};

/// Open a file of one or more tables. Columns of formats without types are typed from the whole
/// file (spec/csv.md, json.md, excel.md, ags.md). Of an archive or a folder all or nothing is read
/// (spec/archives.md).
///
/// Errors  kNotFound, kInvalidArgument (ending; encoding; a type given for a column that has one of
///         its own), kValidation (not such a file, damaged, empty, over a limit; a
///         value that a type given for its column does not take), kUnsupported (a type that such
///         files have no values for; a library that this machine does not have), kCancelled
Result<OpenedFile> OpenFile(const FileInput& input, const OpenFileOptions& options = {});

/// Write tables as a file, whole or not at all: it appears under its name when it is complete.
/// An existing file is replaced only if `overwrite`. `-` is standard output (Arrow: as a stream).
/// An AGS file holds any number of tables, one of another format exactly one. Returns how many rows
/// there were.
///
/// Errors  kAlreadyExists, kIo, kUnsupported (a format that is only read; a type or value that the
///         format can't hold), kInvalidArgument (no table; several, where the format holds one; a
///         name that AGS does not allow)
Result<int64_t> WriteFile(const std::vector<TableInput>& tables, const std::string& path,
                          FileFormat format, bool overwrite = false);
/// The same with one table, called as the file's stem.
Result<int64_t> WriteTableFile(arrow::RecordBatchReader& rows, const std::string& path,
                               FileFormat format, bool overwrite = false);

/// Write bytes as a file, in the same way.
Result<void> WriteFileBytes(const arrow::Buffer& bytes, const std::string& path,
                            bool overwrite = false);

/// The error behind the status that a stream of rows ended with.
Error ErrorOf(const arrow::Status& status);

/// The cells of a column as texts (utf8), as they stand in a CSV file; null stays null.
///
/// Errors  kUnsupported   a type that has no text there: nested, binary, durations
Result<std::shared_ptr<arrow::Array>> CellTexts(const std::shared_ptr<arrow::Array>& column);

}  // namespace coreshed
