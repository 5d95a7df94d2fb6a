#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <coreshed/sources.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "sources/csv.h"
#include "sources/encoding.h"
#include "sources/excel.h"
#include "sources/excel_package.h"
#include "sources/file_name.h"
#include "sources/folder.h"
#include "sources/formats.h"
#include "sources/input.h"
#include "sources/json_lines.h"
#include "sources/opened.h"
#include "sources/sas.h"
#include "sources/table_file.h"
#include "sources/unpack.h"
#include "sources/wanted_types.h"
#include "sources/zip.h"

namespace coreshed {
namespace sources {
namespace {

/// Enough for blank lines that stand before the first that tells something.
constexpr int64_t kHeadBytes = 4096;

/// Whether an archive is a workbook, by what its directory names: the bytes before that may be
/// those of a workbook in it. What has no sound directory is told so when it is read as an archive.
bool IsWorkbook(const std::shared_ptr<InputFile>& input, const OpenOptions& options) {
  const auto package = ExcelPackage::Open(input, options);
  return package && (*package)->Find("[Content_Types].xml") != nullptr;
}

bool IsAgs(std::string_view text) {
  if (text.starts_with('"')) text.remove_prefix(1);
  const std::string word = FoldCase(text.substr(0, 5));
  return word == "group" && text.size() > 5 && (text[5] == '"' || text[5] == ',');
}

/// What a stream without a name is, by its first bytes: what is nothing else can only be CSV.
Result<FileFormat> FormatOfBytes(const std::shared_ptr<InputFile>& input,
                                 const OpenOptions& options) {
  CORESHED_ASSIGN(const std::string head, input->Head(kHeadBytes));
  if (head.starts_with("PAR1") || head.starts_with("PARE")) return FileFormat::kParquet;
  if (head.starts_with("ARROW1") || head.starts_with("\xFF\xFF\xFF\xFF")) return FileFormat::kArrow;
  if (head.starts_with("PK\3\4") || head.starts_with("PK\5\6")) {
    return IsWorkbook(input, options) ? FileFormat::kExcel : FileFormat::kZip;
  }
  std::string plain = head;
  std::erase(plain, '\0');  // of UTF-16
  std::string_view text = plain;
  for (const std::string_view mark : {"\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"}) {
    if (text.starts_with(mark)) text.remove_prefix(mark.size());
  }
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return FileFormat::kCsv;
  text.remove_prefix(first);
  if (IsAgs(text)) return FileFormat::kAgs;
  return text.front() == '{' ? FileFormat::kJsonLines : FileFormat::kCsv;
}

std::shared_ptr<arrow::Schema> LikeOf(const OpenOptions& options, const std::string& table) {
  const auto found = options.like.find(table);
  if (found != options.like.end()) return found->second;
  return options.like.size() == 1 ? options.like.begin()->second : nullptr;
}

Result<void> CheckNoTypes(const InputFile& input, const OpenedTables& opened,
                          const OpenOptions& options) {
  for (const auto& table : opened.tables) {
    for (const auto& [column, type] : options.types) {
      if (table.reader->schema()->GetFieldIndex(column) < 0) continue;
      return Error{ErrorKind::kInvalidArgument,
                   input.name() + " is no CSV file: its column '" + column +
                       "' has a type of its own, and none can be given for it."}
          .With("column", column);
    }
  }
  return {};
}

Result<void> CheckColumns(const InputFile& input, const OpenedTables& opened,
                          const FileLimits& limits) {
  for (const auto& table : opened.tables) {
    const int64_t columns = table.reader->schema()->num_fields();
    if (columns <= limits.columns) continue;
    return Error{ErrorKind::kValidation, input.label() + ": table '" + table.name + "' has " +
                                             std::to_string(columns) + " columns, and at most " +
                                             std::to_string(limits.columns) +
                                             " are taken. Is it on its side?"}
        .With("file", input.label());
  }
  return {};
}

Result<OpenedTables> OpenTyped(FileFormat format, const std::shared_ptr<InputFile>& input,
                               const FileLimits& limits) {
  CORESHED_ASSIGN(auto rows, format == FileFormat::kParquet ? OpenParquet(input, limits)
                                                            : OpenArrow(input, limits));
  OpenedTables opened;
  opened.tables.push_back({input->stem(), nullptr, std::move(rows)});
  return opened;
}

Result<OpenedTables> OpenText(FileFormat format, std::shared_ptr<InputFile> input, bool tabs,
                              const OpenOptions& options, std::optional<Source>* source) {
  OpenedTables opened;
  const std::string table = input->stem();
  CORESHED_ASSIGN(const auto wanted, WantedFor(options, LikeOf(options, table), table, true));
  if (format == FileFormat::kCsv) {
    CORESHED_ASSIGN(auto csv,
                    OpenCsv(std::move(input), tabs, {wanted.like, wanted.given}, options));
    *source = std::move(csv.source);
    opened.warnings = std::move(csv.warnings);
    opened.tables.push_back({table, nullptr, std::move(csv.rows)});
    opened.origins.push_back(std::move(csv.origin));
    return opened;
  }
  std::vector<std::string> warnings;
  CORESHED_ASSIGN(auto text, AsUtf8(input, options, &warnings));
  if (format == FileFormat::kAgs) {
    CORESHED_ASSIGN(opened, OpenAgs(std::move(text), options));
    CORESHED_TRY(CheckNoTypes(*input, opened, options));
  } else {
    CORESHED_ASSIGN(auto json,
                    OpenJsonLines(std::move(text), {wanted.like, wanted.given}, options));
    opened.warnings = std::move(json.warnings);
    opened.tables.push_back({table, nullptr, std::move(json.rows)});
    opened.origins.push_back(std::move(json.origin));
  }
  opened.warnings.insert(opened.warnings.begin(), warnings.begin(), warnings.end());
  return opened;
}

/// `source`: set where the bytes were hashed on the way.
Result<OpenedTables> OpenAs(FileFormat format, const std::shared_ptr<InputFile>& input, bool tabs,
                            const OpenOptions& options, std::optional<Source>* source);

/// A member of an archive, told by its ending.
Result<OpenedTables> OpenMemberFile(std::shared_ptr<InputFile> member, const OpenOptions& options) {
  CORESHED_ASSIGN(const auto format, FormatOfNamed(member->name(), member->label()));
  std::optional<Source> unused;
  return OpenAs(format, member, HasTabs(member->name()), options, &unused);
}

Result<OpenedTables> OpenAny(FileFormat format, const std::shared_ptr<InputFile>& input, bool tabs,
                             const OpenOptions& options, std::optional<Source>* source) {
  switch (format) {
    case FileFormat::kExcel:
      return OpenExcel(input, options);
    case FileFormat::kSasXpt:
      return OpenXpt(input, options);
    case FileFormat::kSas7bdat:
      return OpenSas7bdat(input, options);
    case FileFormat::kZip:
      return OpenZip(input, options, OpenMemberFile);
    case FileFormat::kParquet:
    case FileFormat::kArrow:
      return OpenTyped(format, input, options.limits);
    default:
      return OpenText(format, input, tabs, options, source);
  }
}

Result<OpenedTables> OpenAs(FileFormat format, const std::shared_ptr<InputFile>& input, bool tabs,
                            const OpenOptions& options, std::optional<Source>* source) {
  CORESHED_ASSIGN(auto opened, OpenAny(format, input, tabs, options, source));
  if (InfoOf(format).has_types) CORESHED_TRY(CheckNoTypes(*input, opened, options));
  CORESHED_TRY(CheckColumns(*input, opened, options.limits));
  if (opened.origins.empty()) {
    opened.origins.assign(opened.tables.size(), TableOrigin{input->name()});
  }
  return opened;
}

bool IsStream(const FileInput& input) {
  return input.bytes == nullptr && input.path == "-";
}

bool IsFolder(const FileInput& input, const OpenFileOptions& options) {
  std::error_code code;
  return input.bytes == nullptr && options.format.value_or(FileFormat::kZip) == FileFormat::kZip &&
         std::filesystem::is_directory(input.path, code);
}

Result<std::shared_ptr<InputFile>> OpenInput(const FileInput& input, int64_t bytes_max) {
  if (input.bytes == nullptr) return InputFile::Open(input.path, bytes_max, input.file_name);
  const std::string name = NameOf(input);
  if (input.bytes->size() > bytes_max) return TooLarge(name, bytes_max);
  return InputFile::OfBytes(input.bytes, name);
}

/// By the name that the file is to have; messages call it what its owner does.
Result<FileFormat> FormatOfInput(const FileInput& input) {
  return FormatOfNamed(NameOf(input), input.file_name.empty() ? input.path : input.file_name);
}

/// What the first of the bytes tell where there is no ending.
Result<PackedName> PackingOf(const InputFile& input, const FileInput& given) {
  if (!IsStream(given)) return PackedNameOf(NameOf(given));
  CORESHED_ASSIGN(const std::string head, input.Head(4));
  return PackedName{PackingOfBytes(head), input.stem()};
}

/// Of an archive it is meant for those of its files that can have one.
Result<void> CheckEncoding(FileFormat format, const InputFile& input, const OpenOptions& options) {
  const bool has_own = format == FileFormat::kParquet || format == FileFormat::kArrow ||
                       format == FileFormat::kExcel;
  if (options.encoding.empty() || !has_own) return {};
  return Error{ErrorKind::kInvalidArgument,
               input.label() +
                   " is no text file: it says itself how its texts are encoded. Leave "
                   "the encoding out (--encoding, encoding)."}
      .With("file", input.label());
}

Result<Source> DigestOf(const InputFile& input, const std::stop_token& stop) {
  return input.Digest([&](std::string_view) -> Result<void> {
    if (!stop.stop_requested()) return {};
    return Error{ErrorKind::kCancelled, "Reading " + input.label() + " was cancelled."};
  });
}

Result<Opened> OpenFolder(const FileInput& input, const OpenOptions& options) {
  CORESHED_ASSIGN(auto folder, PackFolder(input.path, options.limits, options.stop));
  std::optional<Source> unused;
  CORESHED_ASSIGN(auto tables, OpenAs(FileFormat::kZip, folder.zip, false, options, &unused));
  CORESHED_ASSIGN(auto source, DigestOf(*folder.zip, options.stop));
  auto warnings = std::move(folder.warnings);
  std::move(tables.warnings.begin(), tables.warnings.end(), std::back_inserter(warnings));
  return Opened{{std::move(source), std::move(tables.tables), std::move(warnings)},
                std::move(folder.zip),
                std::move(tables.origins)};
}

}  // namespace

Result<void> CheckFormat(const FileInput& input, const OpenFileOptions& options) {
  if (options.format || IsStream(input) || IsFolder(input, options)) return {};
  CORESHED_TRY(FormatOfInput(input));
  return {};
}

Result<Opened> OpenKept(const FileInput& input, const OpenOptions& options) {
  CORESHED_TRY(CheckFormat(input, options));
  if (IsFolder(input, options)) return OpenFolder(input, options);
  CORESHED_ASSIGN(auto file, OpenInput(input, options.limits.bytes));
  CORESHED_ASSIGN(const auto packed, PackingOf(*file, input));
  auto unpacked = file;
  if (packed.packing != Packing::kNone) {
    CORESHED_ASSIGN(unpacked,
                    Unpack(*file, packed.packing, packed.name, options.limits, options.stop));
  }
  auto format = options.format;
  if (!format && IsStream(input)) {
    CORESHED_ASSIGN(format, FormatOfBytes(unpacked, options));
  } else if (!format) {
    CORESHED_ASSIGN(format, FormatOfInput(input));
  }
  if (packed.packing != Packing::kNone && !InfoOf(*format).is_text) {
    return PacksItself(file->label());
  }
  CORESHED_TRY(CheckEncoding(*format, *file, options));
  // A CSV file is hashed while it is looked through for the first time; others before anybody reads
  // on from a place in them.
  std::optional<Source> source, on_the_way;
  if (*format != FileFormat::kCsv || unpacked != file) {
    CORESHED_ASSIGN(source, DigestOf(*file, options.stop));
  }
  const bool tabs = HasTabs(NameOf(input));
  CORESHED_ASSIGN(auto tables, OpenAs(*format, unpacked, tabs, options, &on_the_way));
  CORESHED_TRY(file->CheckUnchanged());
  if (!source) source = std::move(on_the_way);
  return Opened{{std::move(*source), std::move(tables.tables), std::move(tables.warnings)},
                std::move(file),
                std::move(tables.origins)};
}

}  // namespace sources

Result<OpenedFile> OpenFile(const FileInput& input, const OpenFileOptions& options) {
  CORESHED_ASSIGN(auto opened, sources::OpenKept(input, sources::OpenOptions{options}));
  return std::move(opened.file);
}

}  // namespace coreshed
