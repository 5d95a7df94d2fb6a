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
#include "sources/input.h"
#include "sources/output.h"
#include "sources/table_file.h"

namespace coreshed {
namespace {

constexpr std::array<std::pair<std::string_view, FileFormat>, 6> kEndings = {
    {{".csv", FileFormat::kCsv},
     {".tsv", FileFormat::kCsv},
     {".parquet", FileFormat::kParquet},
     {".arrow", FileFormat::kArrow},
     {".ipc", FileFormat::kArrow},
     {".feather", FileFormat::kArrow}}};

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

Result<OpenedFile> Open(std::shared_ptr<sources::InputFile> input, FileFormat format, bool tabs,
                        const OpenFileOptions& options) {
  OpenedFile opened;
  opened.table_name = input->stem();
  if (format == FileFormat::kCsv) {
    CORESHED_ASSIGN(auto csv,
                    sources::OpenCsv(std::move(input), tabs, {options.like, options.types}));
    opened.source = std::move(csv.source);
    opened.rows = std::move(csv.rows);
    return opened;
  }
  CORESHED_ASSIGN(opened.source, input->Digest());
  if (format == FileFormat::kParquet) {
    CORESHED_ASSIGN(opened.rows, sources::OpenParquet(std::move(input)));
  } else {
    CORESHED_ASSIGN(opened.rows, sources::OpenArrow(std::move(input)));
  }
  for (const auto& [column, type] : options.types) {
    if (opened.rows->schema()->GetFieldIndex(column) < 0) continue;
    return Error{ErrorKind::kInvalidArgument,
                 opened.source.file_name + " is no CSV file: its column '" + column +
                     "' has a type of its own, and none can be given for it."}
        .With("column", column);
  }
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

Result<OpenedFile> OpenTableFile(const std::string& path, const OpenFileOptions& options) {
  auto format = options.format;
  if (!format && path != "-") {
    CORESHED_ASSIGN(format, FormatOfFile(path));
  }
  CORESHED_ASSIGN(auto input, sources::InputFile::Open(path));
  if (!format) {
    CORESHED_ASSIGN(format, FormatOfBytes(*input));
  }
  return Open(std::move(input), *format, HasTabs(path), options);
}

Result<int64_t> WriteTableFile(arrow::RecordBatchReader& rows, const std::string& path,
                               FileFormat format, bool overwrite) {
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
