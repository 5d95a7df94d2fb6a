#include "sources/zip.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>
#include <coreshed/validation.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "base/arrow_error.h"
#include "base/ascii.h"
#include "base/result.h"
#include "base/text.h"
#include "sources/later_reader.h"
#include "sources/unpack.h"
#include "sources/zip_directory.h"
#include "sources/zip_format.h"

namespace coreshed::sources {
namespace {

/// Folders and litter come on top of the files that count.
constexpr int64_t kEntriesPerFile = 10;
/// What may stay in memory of all small tables together.
constexpr int64_t kKeptBytes = int64_t{64} << 20;
constexpr int64_t kPiece = int64_t{1} << 20;  ///< packed bytes at a time
constexpr int64_t kTableBytes = 1024;         ///< of an empty one, about
/// Each holds a descriptor, and perhaps a session of DuckDB.
constexpr int kOpenMax = 8;
constexpr size_t kNamedMax = 10;

constexpr std::array<std::string_view, 17> kArchiveEndings = {
    ".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".7z",  ".rar", ".gz",
    ".bz2", ".xz",  ".zst", ".lz4", ".z",    ".cab", ".jar", ".iso"};

std::vector<std::string> Segments(const std::string& path) {
  std::vector<std::string> segments(1);
  for (const char c : path) {
    if (c == '/' || c == '\\') {
      segments.emplace_back();
    } else {
      segments.back() += c;
    }
  }
  return segments;
}

/// Why a path is not one of a file below the archive's own folder.
std::optional<std::string> PathFault(const std::string& path) {
  if (path[0] == '/' || path[0] == '\\') return "has a path from the root of a disk";
  if (path.size() > 1 && path[1] == ':' && std::isalpha(static_cast<unsigned char>(path[0]))) {
    return "has a path that names a drive";
  }
  const auto segments = Segments(path);
  if (std::find(segments.begin(), segments.end(), "..") != segments.end()) {
    return "has a path that climbs out of its folder";
  }
  return std::nullopt;
}

/// What a member is called as a file of its own.
std::string CleanBase(const std::string& path) {
  std::string name = ToNfc(Segments(path).back());
  std::replace(name.begin(), name.end(), ':', '_');
  return name;
}

enum class EntryType { kFile, kFolder, kLink, kOther };

EntryType TypeOf(const ZipEntry& entry) {
  constexpr uint32_t kDosLink = 0x400;
  const bool is_named_folder = entry.path.ends_with('/') || entry.path.ends_with('\\');
  switch ((entry.attributes >> 16) & 0xF000) {
    case 0xA000:
      return EntryType::kLink;
    case 0x4000:
      return EntryType::kFolder;
    case 0:
    case 0x8000:
      if ((entry.attributes & kDosLink) != 0) return EntryType::kLink;
      return is_named_folder ? EntryType::kFolder : EntryType::kFile;
    default:
      return EntryType::kOther;
  }
}

struct Member {
  ZipEntry entry;
  PackedName name;
};

class ZipTables {
 public:
  ZipTables(std::shared_ptr<InputFile> input, const OpenOptions& options, OpenMember open)
      : input_(std::move(input)),
        options_(options),
        open_(std::move(open)),
        meter_(input_->label(), input_->size(), options.limits, options.stop) {}

  Result<OpenedTables> Open();

 private:
  using Rows = std::shared_ptr<arrow::RecordBatchReader>;

  Error Fault(const std::string& what) const {
    return Error{ErrorKind::kValidation, input_->label() + " " + what}.With("file",
                                                                            input_->label());
  }
  Error Fault(const ZipEntry& entry, const std::string& what) const {
    return Fault("is refused: its member '" + entry.path + "' " + what + ".");
  }
  Result<void> Choose(const std::vector<ZipEntry>& entries);
  Result<void> CheckFile(const ZipEntry& entry) const;
  Result<void> Add(const Member& member);
  Result<void> AddTable(const Member& member, size_t index, TableInput table);
  Result<Rows> Keep(const Member& member, size_t index, Rows rows);
  OpenOptions OptionsFor(const std::string& stem) const;

  const std::shared_ptr<InputFile> input_;
  const OpenOptions options_;
  const OpenMember open_;
  UnpackMeter meter_;
  std::vector<Member> members_;
  std::vector<std::string> passed_over_, old_names_;
  std::map<std::string, std::string> member_of_;  ///< by table
  int64_t kept_bytes_ = 0;
  int open_count_ = 0;
  OpenedTables opened_;
};

/// The bytes of a member as a file of its own.
Result<std::shared_ptr<InputFile>> Extract(const std::shared_ptr<InputFile>& archive,
                                           const Member& member, const OpenOptions& options,
                                           UnpackMeter* meter) {
  const std::string label = archive->label() + ": " + member.entry.path;
  CORESHED_ASSIGN(auto reader, ZipEntryReader::Open(archive, member.entry));
  auto file =
      InputFile::Make(label, member.name.name, [&](const InputFile::Sink& sink) -> Result<void> {
        const auto metered = [&](std::string_view bytes) -> Result<void> {
          CORESHED_TRY(meter->Add(bytes.size()));
          return sink(bytes);
        };
        for (bool more = true; more;) {
          CORESHED_ASSIGN(more, reader.Step(kPiece, metered));
        }
        return {};
      });
  if (!file || member.name.packing == Packing::kNone) return file;
  FileLimits left = options.limits;
  left.unpacked_bytes -= meter->unpacked();
  CORESHED_ASSIGN(auto unpacked,
                  Unpack(**file, member.name.packing, member.name.name, left, options.stop));
  CORESHED_TRY(meter->Add(static_cast<size_t>(unpacked->size())));
  return unpacked;
}

Result<OpenedTables> ZipTables::Open() {
  CORESHED_ASSIGN(
      const auto entries,
      ReadZipDirectory(*input_, options_.limits.entries * kEntriesPerFile, options_.stop));
  CORESHED_TRY(Choose(entries));
  if (members_.empty()) {
    return Fault(passed_over_.empty()
                     ? "is refused: there is no file in it."
                     : "is refused: none of its files has an ending that tells a format of "
                       "tables, such as .csv.");
  }
  for (const auto& member : members_) {
    CORESHED_TRY(Add(member));
  }
  CORESHED_TRY(input_->CheckUnchanged());
  if (!passed_over_.empty()) {
    opened_.warnings.push_back(PassedOverWarning(input_->label(), passed_over_));
  }
  if (!old_names_.empty()) {
    opened_.warnings.push_back(input_->label() +
                               ": names that are not in UTF-8 were read in code page 437: " +
                               Joined(old_names_, kNamedMax) + ".");
  }
  return std::move(opened_);
}

/// Checks every entry before the first is unpacked.
Result<void> ZipTables::Choose(const std::vector<ZipEntry>& entries) {
  int64_t files = 0;
  for (const auto& entry : entries) {
    if (const auto fault = PathFault(entry.path)) return Fault(entry, *fault);
    const auto kind = MemberKindOf(entry.path);
    if (kind == MemberKind::kIgnored) continue;
    const auto type = TypeOf(entry);
    if (type == EntryType::kFolder) {
      if (entry.unpacked_size > 0) return Fault(entry, "is a folder, but has bytes");
      continue;
    }
    if (++files > options_.limits.entries) {
      return Fault("has more than " + std::to_string(options_.limits.entries) +
                   " files in it, the limit. Divide it.")
          .With("limit", "entries");
    }
    CORESHED_TRY(CheckFile(entry));
    if (entry.is_old_name) old_names_.push_back("'" + entry.path + "'");
    if (kind == MemberKind::kPassedOver) {
      passed_over_.push_back("'" + entry.path + "'");
    } else {
      members_.push_back({entry, PackedNameOf(CleanBase(entry.path))});
    }
  }
  return {};
}

Result<void> ZipTables::CheckFile(const ZipEntry& entry) const {
  switch (TypeOf(entry)) {
    case EntryType::kLink:
      return Fault(entry, "is a link. Put the file itself in its place");
    case EntryType::kOther:
      return Fault(entry, "is a device or a pipe, not a file");
    default:
      break;
  }
  if (MemberKindOf(entry.path) == MemberKind::kArchive) {
    return Fault(entry, "is an archive itself. Unpack it, and put its files in");
  }
  if ((entry.flags & (zip::kEncrypted | zip::kStrongEncryption | zip::kMasked)) != 0) {
    return Fault(entry, "is encrypted. Pack it without a password");
  }
  return {};
}

/// An only table of an earlier version, or of a schema, counts for one of any name only where there
/// is one.
OpenOptions ZipTables::OptionsFor(const std::string& stem) const {
  OpenOptions options = options_;
  options.format.reset();
  if (members_.size() > 1 && options.like.size() == 1 && options.like.begin()->first != stem) {
    options.like.clear();
  }
  if (members_.size() > 1 && options.schema != nullptr && options.schema->tables.size() == 1 &&
      options.schema->tables.front().name != stem) {
    options.schema.reset();
  }
  return options;
}

Result<void> ZipTables::Add(const Member& member) {
  CORESHED_ASSIGN(const auto file, Extract(input_, member, options_, &meter_));
  CORESHED_ASSIGN(auto opened, open_(file, OptionsFor(file->stem())));
  for (auto& warning : opened.warnings)
    opened_.warnings.push_back(std::move(warning));
  for (size_t i = 0; i < opened.tables.size(); ++i) {
    CORESHED_TRY(AddTable(member, i, std::move(opened.tables[i])));
    opened_.origins.push_back(i < opened.origins.size() ? std::move(opened.origins[i])
                                                        : TableOrigin{file->name()});
  }
  return {};
}

Result<void> ZipTables::AddTable(const Member& member, size_t index, TableInput table) {
  const auto [other, is_new] = member_of_.try_emplace(table.name, member.entry.path);
  if (!is_new) {
    return Fault(member.entry, "makes a table '" + table.name + "', as '" + other->second +
                                   "' does. Rename one of them");
  }
  if (table.reader != nullptr) {
    CORESHED_ASSIGN(table.reader, Keep(member, index, std::move(table.reader)));
  }
  opened_.tables.push_back(std::move(table));
  return {};
}

/// The rows of a table in a form of which there may be a thousand at once.
Result<ZipTables::Rows> ZipTables::Keep(const Member& member, size_t index, Rows rows) {
  const auto schema = rows->schema();
  arrow::RecordBatchVector batches;
  int64_t bytes = kTableBytes;
  while (kept_bytes_ + bytes <= kKeptBytes) {
    std::shared_ptr<arrow::RecordBatch> batch;
    CORESHED_ARROW_TRY(rows->ReadNext(&batch), "reading " + input_->label());
    if (batch == nullptr) {
      kept_bytes_ += bytes;
      CORESHED_ARROW_ASSIGN(auto kept, arrow::RecordBatchReader::Make(std::move(batches), schema),
                            "reading " + input_->label());
      return kept;
    }
    bytes += arrow::util::TotalBufferSize(*batch);
    batches.push_back(std::move(batch));
  }
  if (open_count_ < kOpenMax) {
    ++open_count_;
    return MakeBegunReader(std::move(batches), std::move(rows));
  }
  return MakeLaterReader(
      schema,
      [archive = input_, member,
       options = OptionsFor(std::filesystem::path(member.name.name).stem().string()), open = open_,
       index]() -> Result<Rows> {
        UnpackMeter meter(archive->label(), archive->size(), options.limits, options.stop);
        CORESHED_ASSIGN(auto file, Extract(archive, member, options, &meter));
        CORESHED_TRY(archive->CheckUnchanged());
        CORESHED_ASSIGN(auto opened, open(std::move(file), options));
        if (index >= opened.tables.size()) return archive->Changed();
        return opened.tables[index].reader;
      });
}

}  // namespace

MemberKind MemberKindOf(const std::string& path) {
  const auto segments = Segments(path);
  for (const auto& segment : segments) {
    const bool is_hidden = segment.starts_with('.') && segment != ".";
    if (is_hidden || segment == "__MACOSX") return MemberKind::kIgnored;
  }
  const std::string base = LowerAscii(segments.back());
  if (base == "thumbs.db" || base == "desktop.ini") return MemberKind::kIgnored;
  if (const auto format = FormatOfFile(base)) {
    return *format == FileFormat::kZip ? MemberKind::kArchive : MemberKind::kRead;
  }
  const std::string ending = std::filesystem::path(base).extension().string();
  const bool is_archive =
      std::find(kArchiveEndings.begin(), kArchiveEndings.end(), ending) != kArchiveEndings.end();
  return is_archive ? MemberKind::kArchive : MemberKind::kPassedOver;
}

std::string PassedOverWarning(const std::string& label, const std::vector<std::string>& paths) {
  return label +
         ": not read, since their endings tell no format of tables: " + Joined(paths, kNamedMax) +
         ".";
}

Result<OpenedTables> OpenZip(const std::shared_ptr<InputFile>& input, const OpenOptions& options,
                             const OpenMember& open) {
  return ZipTables(input, options, open).Open();
}

}  // namespace coreshed::sources
