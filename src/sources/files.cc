#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <coreshed/sources.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/csv.h"
#include "sources/folder.h"
#include "sources/input.h"
#include "sources/json_lines.h"
#include "sources/output.h"
#include "sources/table_file.h"
#include "sources/unpack.h"
#include "sources/zip.h"

namespace coreshed {
namespace {

constexpr std::array<std::pair<std::string_view, FileFormat>, 9> kEndings = {
    {{".csv", FileFormat::kCsv},
     {".tsv", FileFormat::kCsv},
     {".parquet", FileFormat::kParquet},
     {".arrow", FileFormat::kArrow},
     {".ipc", FileFormat::kArrow},
     {".feather", FileFormat::kArrow},
     {".jsonl", FileFormat::kJsonLines},
     {".ndjson", FileFormat::kJsonLines},
     {".zip", FileFormat::kZip}}};

/// Formats of text, which may be packed as a whole; others pack themselves.
bool IsText(FileFormat format) {
  return format == FileFormat::kCsv || format == FileFormat::kJsonLines;
}

/// Enough for blank lines that stand before the first that tells something.
constexpr int64_t kHeadBytes = 4096;

/// In small letters; of a packed file the one before that of its packing.
std::string EndingOf(const std::string& path) {
  std::string ending = std::filesystem::path(sources::PackedNameOf(path).name).extension().string();
  for (char& c : ending)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending;
}

bool HasTabs(const std::string& path) {
  return EndingOf(path) == ".tsv";
}

/// What a stream without a name is, by its first bytes: what is nothing else can only be CSV.
Result<FileFormat> FormatOfBytes(const sources::InputFile& input) {
  CORESHED_ASSIGN(const std::string head, input.Head(kHeadBytes));
  if (head.starts_with("PAR1") || head.starts_with("PARE")) return FileFormat::kParquet;
  if (head.starts_with("ARROW1") || head.starts_with("\xFF\xFF\xFF\xFF")) return FileFormat::kArrow;
  if (head.starts_with("PK\3\4") || head.starts_with("PK\5\6")) return FileFormat::kZip;
  std::string_view text = head;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && text[first] == '{' ? FileFormat::kJsonLines : FileFormat::kCsv;
}

Error PacksItself(const std::string& path) {
  return Error{ErrorKind::kInvalidArgument,
               path +
                   " is packed, which only text formats are read from: its format packs its "
                   "own contents. Unpack it."}
      .With("file", path);
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
  const std::string table = input->stem();
  std::shared_ptr<arrow::RecordBatchReader> rows;
  if (format == FileFormat::kCsv) {
    CORESHED_ASSIGN(auto csv,
                    sources::OpenCsv(input, tabs, {LikeOf(options, table), options.types}));
    opened.source = std::move(csv.source);
    rows = std::move(csv.rows);
  } else if (format == FileFormat::kJsonLines) {
    CORESHED_ASSIGN(opened.source, input->Digest());
    CORESHED_ASSIGN(
        auto json, sources::OpenJsonLines(input, {LikeOf(options, table), options.types}, options));
    opened.warnings = std::move(json.warnings);
    rows = std::move(json.rows);
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

/// A member of an archive, told by its ending.
Result<sources::OpenedTables> OpenMember(std::shared_ptr<sources::InputFile> member,
                                         const OpenFileOptions& options) {
  CORESHED_ASSIGN(const auto format, FormatOfFile(member->name()));
  const bool tabs = HasTabs(member->name());
  CORESHED_ASSIGN(auto opened, OpenAs(format, std::move(member), tabs, options));
  return sources::OpenedTables{std::move(opened.tables), std::move(opened.warnings)};
}

Result<OpenedFile> OpenArchive(const std::shared_ptr<sources::InputFile>& zip,
                               const OpenFileOptions& options,
                               std::vector<std::string> warnings = {}) {
  CORESHED_ASSIGN(auto source, zip->Digest());
  CORESHED_ASSIGN(auto opened, sources::OpenZip(zip, options, OpenMember));
  std::move(opened.warnings.begin(), opened.warnings.end(), std::back_inserter(warnings));
  return OpenedFile{std::move(source), std::move(opened.tables), std::move(warnings)};
}

bool IsFolder(const FileInput& input, const OpenFileOptions& options) {
  std::error_code code;
  return input.bytes == nullptr && options.format.value_or(FileFormat::kZip) == FileFormat::kZip &&
         std::filesystem::is_directory(input.path, code);
}

/// What the first of the bytes tell where there is no ending.
Result<sources::PackedName> PackingOf(const sources::InputFile& input, const std::string& name) {
  if (name != "-") return sources::PackedNameOf(name);
  CORESHED_ASSIGN(const std::string head, input.Head(4));
  return sources::PackedName{sources::PackingOfBytes(head), input.stem()};
}

}  // namespace

Result<FileFormat> FormatOfFile(const std::string& path) {
  const std::string ending = EndingOf(path);
  for (const auto& [known, format] : kEndings) {
    if (ending != known) continue;
    const bool is_packed = sources::PackedNameOf(path).packing != sources::Packing::kNone;
    return is_packed && !IsText(format) ? Result<FileFormat>(PacksItself(path)) : format;
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
  if (IsFolder(input, options)) {
    CORESHED_ASSIGN(auto folder, sources::PackFolder(input.path, options.limits, options.stop));
    return OpenArchive(folder.zip, options, std::move(folder.warnings));
  }
  const std::string& name = input.file_name.empty() ? input.path : input.file_name;
  auto format = options.format;
  if (!format && name != "-") {
    CORESHED_ASSIGN(format, FormatOfFile(name));
  }
  CORESHED_ASSIGN(const auto file, OpenInput(input));
  CORESHED_ASSIGN(const auto packed, PackingOf(*file, name));
  if (packed.packing == sources::Packing::kNone) {
    if (!format) {
      CORESHED_ASSIGN(format, FormatOfBytes(*file));
    }
    return *format == FileFormat::kZip ? OpenArchive(file, options)
                                       : OpenAs(*format, file, HasTabs(name), options);
  }
  CORESHED_ASSIGN(const auto unpacked, sources::Unpack(*file, packed.packing, packed.name,
                                                       options.limits, options.stop));
  if (!format) {
    CORESHED_ASSIGN(format, FormatOfBytes(*unpacked));
  }
  if (!IsText(*format)) return PacksItself(file->label());
  CORESHED_ASSIGN(auto opened, OpenAs(*format, unpacked, HasTabs(name), options));
  CORESHED_ASSIGN(opened.source, file->Digest());
  CORESHED_TRY(file->CheckUnchanged());
  return opened;
}

Result<int64_t> WriteTableFile(arrow::RecordBatchReader& rows, const std::string& path,
                               FileFormat format, bool overwrite) {
  if (sources::PackedNameOf(path).packing != sources::Packing::kNone) {
    return Error{ErrorKind::kUnsupported, path +
                                              ": files are not packed when they are written. "
                                              "Leave the last ending out, and pack the file."}
        .With("file", path);
  }
  CORESHED_ASSIGN(const auto output, sources::OutputFile::Create(path, overwrite));
  const auto write = [&] {
    switch (format) {
      case FileFormat::kParquet:
        return sources::WriteParquet(rows, output->stream());
      case FileFormat::kArrow:
        return sources::WriteArrow(rows, output->stream(), !output->is_file());
      case FileFormat::kCsv:
        return sources::WriteCsv(rows, output->stream(), HasTabs(path) ? '\t' : ',');
      default:
        return Result<int64_t>(Error{ErrorKind::kUnsupported,
                                     path + ": tables are written as CSV, Parquet or Arrow."});
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
