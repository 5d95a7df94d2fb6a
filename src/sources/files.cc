#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <coreshed/sources.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/csv.h"
#include "sources/excel.h"
#include "sources/input.h"
#include "sources/output.h"
#include "sources/table_file.h"

namespace coreshed {
namespace {

constexpr std::array<std::pair<std::string_view, FileFormat>, 8> kEndings = {
    {{".csv", FileFormat::kCsv},
     {".tsv", FileFormat::kCsv},
     {".parquet", FileFormat::kParquet},
     {".arrow", FileFormat::kArrow},
     {".ipc", FileFormat::kArrow},
     {".feather", FileFormat::kArrow},
     {".xlsx", FileFormat::kExcel},
     {".xlsm", FileFormat::kExcel}}};

std::string EndingOf(const std::string& path) {
  std::string ending = std::filesystem::path(path).extension().string();
  for (char& c : ending)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending;
}

bool HasTabs(const std::string& path) {
  return EndingOf(path) == ".tsv";
}

/// What a stream without a name is, by its first bytes: what isn't Parquet or Arrow can only be
/// CSV.
Result<FileFormat> FormatOfBytes(const sources::InputFile& input) {
  CORESHED_ASSIGN(const std::string head, input.Head(6));
  if (head.starts_with("PAR1") || head.starts_with("PARE")) return FileFormat::kParquet;
  if (head.starts_with("ARROW1") || head.starts_with("\xFF\xFF\xFF\xFF")) return FileFormat::kArrow;
  return FileFormat::kCsv;
}

std::shared_ptr<arrow::Schema> LikeOf(const OpenFileOptions& options, const std::string& table) {
  const auto found = options.like.find(table);
  if (found != options.like.end()) return found->second;
  return options.like.size() == 1 ? options.like.begin()->second : nullptr;
}

Result<void> CheckNoTypes(const sources::InputFile& input, const arrow::Schema& schema,
                          const OpenFileOptions& options) {
  for (const auto& [column, type] : options.types) {
    if (schema.GetFieldIndex(column) < 0) continue;
    return Error{ErrorKind::kInvalidArgument,
                 input.name() + " is no CSV file: its column '" + column +
                     "' has a type of its own, and none can be given for it."}
        .With("column", column);
  }
  return {};
}

Result<std::shared_ptr<sources::InputFile>> OpenInput(const FileInput& input) {
  if (input.bytes == nullptr) return sources::InputFile::Open(input.path);
  return sources::InputFile::OfBytes(input.bytes, input.file_name);
}

Result<OpenedFile> OpenAs(FileFormat format, std::shared_ptr<sources::InputFile> input, bool tabs,
                          const OpenFileOptions& options) {
  OpenedFile opened;
  if (format == FileFormat::kExcel) {
    CORESHED_ASSIGN(opened.source, input->Digest());
    CORESHED_ASSIGN(auto tables, sources::OpenExcel(std::move(input), options));
    opened.tables = std::move(tables.tables);
    opened.warnings = std::move(tables.warnings);
    return opened;
  }
  const std::string table = input->stem();
  std::shared_ptr<arrow::RecordBatchReader> rows;
  if (format == FileFormat::kCsv) {
    CORESHED_ASSIGN(auto csv,
                    sources::OpenCsv(input, tabs, {LikeOf(options, table), options.types}));
    opened.source = std::move(csv.source);
    rows = std::move(csv.rows);
  } else {
    CORESHED_ASSIGN(opened.source, input->Digest());
    if (format == FileFormat::kParquet) {
      CORESHED_ASSIGN(rows, sources::OpenParquet(input));
    } else {
      CORESHED_ASSIGN(rows, sources::OpenArrow(input));
    }
    CORESHED_TRY(CheckNoTypes(*input, *rows->schema(), options));
  }
  opened.tables.push_back({table, nullptr, std::move(rows)});
  return opened;
}

}  // namespace

Result<FileFormat> FormatOfFile(const std::string& path) {
  const std::string ending = EndingOf(path);
  for (const auto& [known, format] : kEndings) {
    if (ending == known) return format;
  }
  if (ending == ".xls" || ending == ".xlsb") {
    return Error{ErrorKind::kInvalidArgument,
                 path + " is an Excel file of a kind that is not read (" + ending +
                     "). Open it in Excel and save it as .xlsx."}
        .With("file", path);
  }
  std::string list;
  for (const auto& [known, format] : kEndings)
    list += (list.empty() ? "" : ", ") + std::string(known);
  const std::string what = ending.empty() ? "has no ending" : "ends in " + ending;
  return Error{ErrorKind::kInvalidArgument, path + " " + what +
                                                ", which tells no format. Known are: " + list +
                                                ". Or say what it is (--format, format)."}
      .With("file", path);
}

Result<OpenedFile> OpenFile(const FileInput& input, const OpenFileOptions& options) {
  const std::string& name = input.file_name.empty() ? input.path : input.file_name;
  auto format = options.format;
  if (!format && name != "-") {
    CORESHED_ASSIGN(format, FormatOfFile(name));
  }
  CORESHED_ASSIGN(auto file, OpenInput(input));
  if (!format) {
    CORESHED_ASSIGN(format, FormatOfBytes(*file));
  }
  return OpenAs(*format, std::move(file), HasTabs(name), options);
}

Result<int64_t> WriteTableFile(arrow::RecordBatchReader& rows, const std::string& path,
                               FileFormat format, bool overwrite) {
  if (format == FileFormat::kExcel) {
    return Error{ErrorKind::kUnsupported,
                 "Excel files are read, not written: write " + path + " as .csv or .parquet."}
        .With("file", path);
  }
  CORESHED_ASSIGN(const auto output, sources::OutputFile::Create(path, overwrite));
  const auto write = [&] {
    switch (format) {
      case FileFormat::kParquet:
        return sources::WriteParquet(rows, output->stream());
      case FileFormat::kArrow:
        return sources::WriteArrow(rows, output->stream(), !output->is_file());
      default:
        return sources::WriteCsv(rows, output->stream(), HasTabs(path) ? '\t' : ',');
    }
  };
  CORESHED_ASSIGN(const int64_t written, write());
  CORESHED_TRY(output->Finish());
  return written;
}

Error ErrorOf(const arrow::Status& status) {
  return FromArrow(status, "reading the rows");
}

}  // namespace coreshed
