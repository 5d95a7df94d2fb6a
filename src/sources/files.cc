#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
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
#include "sources/input.h"
#include "sources/output.h"
#include "sources/table_file.h"

namespace coreshed {

std::shared_ptr<arrow::RecordBatchReader> sources::RowsOf(const TableInput& table) {
  if (table.reader != nullptr) return table.reader;
  return std::make_shared<arrow::TableBatchReader>(table.table);
}

namespace {

constexpr std::array<std::pair<std::string_view, FileFormat>, 7> kEndings = {
    {{".csv", FileFormat::kCsv},
     {".tsv", FileFormat::kCsv},
     {".parquet", FileFormat::kParquet},
     {".arrow", FileFormat::kArrow},
     {".ipc", FileFormat::kArrow},
     {".feather", FileFormat::kArrow},
     {".ags", FileFormat::kAgs}}};

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

Result<void> CheckCount(const std::vector<TableInput>& tables, const std::string& path,
                        FileFormat format) {
  if (tables.size() == 1 || (format == FileFormat::kAgs && !tables.empty())) return {};
  const std::string what = tables.empty() ? "There is no table to write as " + path + "."
                                          : path + " can hold one table, not " +
                                                std::to_string(tables.size()) +
                                                ". Write each into a file of its own.";
  return Error{ErrorKind::kInvalidArgument, what}.With("file", path);
}

Result<std::shared_ptr<sources::InputFile>> OpenInput(const FileInput& input) {
  if (input.bytes == nullptr) return sources::InputFile::Open(input.path);
  return sources::InputFile::OfBytes(input.bytes, input.file_name);
}

Result<OpenedFile> OpenGroups(std::shared_ptr<sources::InputFile> input,
                              const OpenFileOptions& options) {
  OpenedFile opened;
  CORESHED_ASSIGN(opened.source, input->Digest());
  CORESHED_ASSIGN(auto groups, sources::OpenAgs(input, options));
  opened.tables = std::move(groups.tables);
  opened.warnings = std::move(groups.warnings);
  for (const TableInput& table : opened.tables) {
    CORESHED_TRY(CheckNoTypes(*input, *table.reader->schema(), options));
  }
  return opened;
}

Result<OpenedFile> OpenAs(FileFormat format, std::shared_ptr<sources::InputFile> input, bool tabs,
                          const OpenFileOptions& options) {
  if (format == FileFormat::kAgs) return OpenGroups(std::move(input), options);
  OpenedFile opened;
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

Result<int64_t> WriteFile(const std::vector<TableInput>& tables, const std::string& path,
                          FileFormat format, bool overwrite) {
  CORESHED_TRY(CheckCount(tables, path, format));
  CORESHED_ASSIGN(const auto output, sources::OutputFile::Create(path, overwrite));
  const auto write = [&]() -> Result<int64_t> {
    if (format == FileFormat::kAgs) return sources::WriteAgs(tables, output->stream());
    const auto rows = sources::RowsOf(tables.front());
    switch (format) {
      case FileFormat::kParquet:
        return sources::WriteParquet(*rows, output->stream());
      case FileFormat::kArrow:
        return sources::WriteArrow(*rows, output->stream(), !output->is_file());
      default:
        return sources::WriteCsv(*rows, output->stream(), HasTabs(path) ? '\t' : ',');
    }
  };
  CORESHED_ASSIGN(const int64_t written, write());
  CORESHED_TRY(output->Finish());
  return written;
}

Result<int64_t> WriteTableFile(arrow::RecordBatchReader& rows, const std::string& path,
                               FileFormat format, bool overwrite) {
  const std::shared_ptr<arrow::RecordBatchReader> borrowed(&rows, [](auto*) {});
  const std::string name = std::filesystem::path(path).stem().string();
  return WriteFile({{name, nullptr, borrowed}}, path, format, overwrite);
}

Error ErrorOf(const arrow::Status& status) {
  return FromArrow(status, "reading the rows");
}

}  // namespace coreshed
