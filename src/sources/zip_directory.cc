#include "sources/zip_directory.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/util/crc32.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "base/text.h"
#include "sources/zip_format.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kCommentMax = 0xFFFF;
constexpr size_t kNameMax = 1'000;

/// What the end of the file says.
struct End {
  int64_t directory_at = 0;
  int64_t directory_end = 0;
  uint64_t entries = 0;
};

/// What a header of either kind says of a member.
struct Header {
  uint16_t flags = 0, method = 0;
  uint32_t crc32 = 0;
  uint64_t packed_size = 0, unpacked_size = 0, header_at = 0;
  uint32_t attributes = 0;
  std::string name;  ///< UTF-8
  std::string path;  ///< the same without control characters
  bool is_old_name = false;
  int64_t size = 0;  ///< of the header itself
};

/// The upper half of code page 437, in which names stand that are not said to be UTF-8.
constexpr char16_t kOldCodePage[] =
    u"ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄"
    u"▌▐▀"
    u"αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0";
static_assert(std::size(kOldCodePage) == 129);

std::string FromOldCodePage(std::string_view name) {
  std::string utf8;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const char16_t letter = byte < 0x80 ? byte : kOldCodePage[byte - 0x80];
    if (letter < 0x80) {
      utf8 += c;
    } else if (letter < 0x800) {
      utf8 += static_cast<char>(0xC0 | (letter >> 6));
      utf8 += static_cast<char>(0x80 | (letter & 0x3F));
    } else {
      utf8 += static_cast<char>(0xE0 | (letter >> 12));
      utf8 += static_cast<char>(0x80 | ((letter >> 6) & 0x3F));
      utf8 += static_cast<char>(0x80 | (letter & 0x3F));
    }
  }
  return utf8;
}

/// Each control character as an underscore.
std::string WithoutControls(std::string_view utf8) {
  std::string clean;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    const bool is_c1 = byte == 0xC2 && static_cast<unsigned char>(utf8[i + 1]) < 0xA0;
    if (is_c1) ++i;
    clean += is_c1 || byte < 0x20 || byte == 0x7F ? '_' : utf8[i];
  }
  return clean;
}

/// The content of one kind of extra field; nothing where there is none.
std::optional<std::string_view> ExtraField(std::string_view extra, uint16_t kind) {
  zip::Numbers fields(extra);
  while (fields.rest().size() >= 4) {
    const uint16_t found = fields.U16();
    const std::string_view content = fields.Bytes(fields.U16());
    if (found == kind) return content;
  }
  return std::nullopt;
}

class DirectoryReader {
 public:
  explicit DirectoryReader(const InputFile& input) : input_(input) {}

  Result<std::vector<ZipEntry>> Read(int64_t entries_max, const std::stop_token& stop);

 private:
  Error Fault(const std::string& what) const {
    return Error{ErrorKind::kValidation, input_.label() + " " + what}.With("file", input_.label());
  }
  Error Fault(const std::string& path, const std::string& what) const {
    return Fault("is refused: its member '" + path + "' " + what + ". Pack it anew.");
  }
  Result<std::string> Bytes(int64_t at, int64_t size) const;
  Result<End> FindEnd() const;
  Result<End> End64(int64_t end_at, End end) const;
  Result<Header> ReadHeader(int64_t at, bool central) const;
  Result<void> SetPath(std::string_view name, std::string_view extra, Header* header) const;
  Result<ZipEntry> ReadEntry(const Header& central, int64_t directory_at) const;
  Result<void> CheckCovered(std::vector<ZipEntry> entries, int64_t directory_at) const;
  Result<void> CheckDescriptor(const ZipEntry& entry, int64_t end) const;

  const InputFile& input_;
};

Result<std::string> DirectoryReader::Bytes(int64_t at, int64_t size) const {
  if (at < 0 || size < 0 || at > input_.size() - size) {
    return Fault("is cut short, or no ZIP file.");
  }
  CORESHED_ARROW_ASSIGN(const auto bytes, input_.file()->ReadAt(at, size),
                        "reading " + input_.label());
  if (bytes->size() != size) return Fault("is cut short.");
  return bytes->ToString();
}

Result<End> DirectoryReader::FindEnd() const {
  const int64_t tail_size = std::min(input_.size(), zip::kEndSize + kCommentMax);
  CORESHED_ASSIGN(const std::string tail, Bytes(input_.size() - tail_size, tail_size));
  std::optional<size_t> found;
  for (auto at = tail.find("PK\5\6"); at != tail.npos; at = tail.find("PK\5\6", at + 1)) {
    zip::Numbers end(std::string_view(tail).substr(at));
    end.Bytes(static_cast<size_t>(zip::kEndSize) - 2);
    const uint16_t comment = end.U16();
    if (end.is_short() || end.rest().size() != comment) continue;
    if (found) return Fault("has two ends, and may be read as two different archives.");
    found = at;
  }
  if (!found) return Fault("is no ZIP file, is cut short, or goes on after its end.");
  zip::Numbers numbers(std::string_view(tail).substr(*found + 4));
  const uint32_t disks = numbers.U32();
  const uint16_t entries_here = numbers.U16(), entries = numbers.U16();
  const int64_t size = numbers.U32(), directory_at = numbers.U32();
  const int64_t end_at = input_.size() - tail_size + static_cast<int64_t>(*found);
  End end{directory_at, directory_at + size, entries};
  if (end_at >= zip::kLocator64Size) {
    CORESHED_ASSIGN(const auto locator, Bytes(end_at - zip::kLocator64Size, 4));
    if (zip::Numbers(locator).U32() == zip::kLocator64) return End64(end_at, end);
  }
  if (disks != 0 || entries_here != entries) return Fault("is one part of several.");
  if (end.directory_end != end_at) return Fault("is damaged, or has other bytes before it.");
  return end;
}

/// The end of archives that are large. What the usual end says is all ones, or must be the same.
Result<End> DirectoryReader::End64(int64_t end_at, End end) const {
  const int64_t locator_at = end_at - zip::kLocator64Size;
  CORESHED_ASSIGN(const auto locator_bytes, Bytes(locator_at, zip::kLocator64Size));
  zip::Numbers locator(locator_bytes);
  locator.U32();
  const uint32_t disk = locator.U32();
  const uint64_t at = locator.U64();
  if (disk != 0 || locator.U32() > 1) return Fault("is one part of several.");
  if (at != static_cast<uint64_t>(locator_at - zip::kEnd64Size)) return Fault("is damaged.");
  CORESHED_ASSIGN(const auto bytes, Bytes(static_cast<int64_t>(at), zip::kEnd64Size));
  zip::Numbers numbers(bytes);
  const bool is_end = numbers.U32() == zip::kEnd64 && numbers.U64() == zip::kEnd64Size - 12;
  numbers.U32();  // versions
  const uint64_t disks = numbers.U64(), entries_here = numbers.U64(), entries = numbers.U64();
  const uint64_t size = numbers.U64(), directory_at = numbers.U64();
  if (disks != 0 || entries_here != entries) return Fault("is one part of several.");
  if (!is_end || directory_at > at || size != at - directory_at) return Fault("is damaged.");
  const auto agree = [](uint64_t small, uint64_t ones, uint64_t large) {
    return small == ones || small == large;
  };
  if (!agree(end.entries, 0xFFFF, entries) ||
      !agree(static_cast<uint64_t>(end.directory_at), zip::kIn64, directory_at)) {
    return Fault("has two ends that do not agree.");
  }
  return End{static_cast<int64_t>(directory_at), static_cast<int64_t>(at), entries};
}

Result<Header> DirectoryReader::ReadHeader(int64_t at, bool central) const {
  const int64_t fixed = central ? zip::kCentralSize : zip::kLocalSize;
  CORESHED_ASSIGN(const auto bytes, Bytes(at, fixed));
  zip::Numbers numbers(bytes);
  if (numbers.U32() != (central ? zip::kCentralHeader : zip::kLocalHeader)) {
    return Fault("is damaged: at byte " + std::to_string(at) + " there is no member.");
  }
  numbers.Bytes(central ? 4 : 2);  // versions
  Header header;
  header.flags = numbers.U16();
  header.method = numbers.U16();
  numbers.U32();  // time
  header.crc32 = numbers.U32();
  header.packed_size = numbers.U32();
  header.unpacked_size = numbers.U32();
  const uint16_t name_size = numbers.U16(), extra_size = numbers.U16();
  const uint16_t comment_size = central ? numbers.U16() : uint16_t{0};
  numbers.Bytes(central ? 4 : 0);  // disk, inner attributes
  header.attributes = numbers.U32();
  header.header_at = numbers.U32();
  header.size = fixed + name_size + extra_size + comment_size;
  CORESHED_ASSIGN(const auto rest, Bytes(at + fixed, header.size - fixed));
  const std::string_view extra = std::string_view(rest).substr(name_size, extra_size);
  CORESHED_TRY(SetPath(std::string_view(rest).substr(0, name_size), extra, &header));
  zip::Numbers sizes(ExtraField(extra, zip::kSizes64).value_or(""));
  if (header.unpacked_size == zip::kIn64) header.unpacked_size = sizes.U64();
  if (header.packed_size == zip::kIn64) header.packed_size = sizes.U64();
  if (central && header.header_at == zip::kIn64) header.header_at = sizes.U64();
  if (sizes.is_short()) return Fault(header.path, "is damaged: it has no size");
  return header;
}

Result<void> DirectoryReader::SetPath(std::string_view name, std::string_view extra,
                                      Header* header) const {
  header->name = name;
  if (const auto field = ExtraField(extra, zip::kUnicodePath)) {
    zip::Numbers numbers(*field);
    const bool is_known = numbers.Bytes(1) == "\1";
    const uint32_t crc = numbers.U32();
    // Of another sum: the name was changed since by a program that does not know the field.
    if (is_known && crc == arrow::internal::crc32(0, name.data(), name.size())) {
      header->name = numbers.rest();
    }
  }
  if (header->name.empty()) return Fault("is damaged: a member has no name.");
  if (header->name.size() > kNameMax) {
    return Fault("has a member whose name is longer than " + std::to_string(kNameMax) + " bytes.");
  }
  if (!IsUtf8(header->name)) {
    if ((header->flags & zip::kUtf8) != 0) return Fault("has a member whose name is not UTF-8.");
    header->name = FromOldCodePage(header->name);
    header->is_old_name = true;
  }
  header->path = WithoutControls(header->name);
  return {};
}

Result<ZipEntry> DirectoryReader::ReadEntry(const Header& central, int64_t directory_at) const {
  const std::string& path = central.path;
  const auto limit = static_cast<uint64_t>(directory_at);
  if (central.header_at >= limit || central.packed_size > limit ||
      central.unpacked_size > uint64_t{INT64_MAX}) {
    return Fault(path, "is damaged: it lies outside the file");
  }
  CORESHED_ASSIGN(const auto local, ReadHeader(static_cast<int64_t>(central.header_at), false));
  if (local.name != central.name) {
    return Fault(path, "is called '" + local.path + "' in another place");
  }
  constexpr uint16_t kFlags =
      zip::kEncrypted | zip::kDescriptorFollows | zip::kStrongEncryption | zip::kMasked;
  const bool may_be_unknown = (local.flags & zip::kDescriptorFollows) != 0;
  const auto agree = [&](uint64_t before, uint64_t in_directory) {
    return before == in_directory || (may_be_unknown && before == 0);
  };
  if ((local.flags & kFlags) != (central.flags & kFlags) || local.method != central.method ||
      !agree(local.crc32, central.crc32) || !agree(local.packed_size, central.packed_size) ||
      !agree(local.unpacked_size, central.unpacked_size)) {
    return Fault(path, "is described in two ways that do not agree");
  }
  return ZipEntry{path,
                  central.is_old_name,
                  central.flags,
                  central.method,
                  central.crc32,
                  static_cast<int64_t>(central.packed_size),
                  static_cast<int64_t>(central.unpacked_size),
                  central.attributes,
                  static_cast<int64_t>(central.header_at),
                  static_cast<int64_t>(central.header_at) + local.size};
}

/// Where members do not follow each other, one may lie within another, or one that is in no
/// directory between them.
Result<void> DirectoryReader::CheckCovered(std::vector<ZipEntry> entries,
                                           int64_t directory_at) const {
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.header_at < b.header_at; });
  if (directory_at != 0 && (entries.empty() || entries.front().header_at != 0)) {
    return Fault("begins with bytes that belong to no member. Pack it anew.");
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    const int64_t next = i + 1 < entries.size() ? entries[i + 1].header_at : directory_at;
    if ((entry.flags & zip::kDescriptorFollows) != 0) {
      CORESHED_TRY(CheckDescriptor(entry, next));
    } else if (entry.bytes_at + entry.packed_size != next) {
      return Fault(entry.path, "overlaps the next, or has bytes after it that belong to none");
    }
  }
  return {};
}

/// Sum and sizes that stand after the bytes of a member whose writer did not know them before.
Result<void> DirectoryReader::CheckDescriptor(const ZipEntry& entry, int64_t end) const {
  const int64_t at = entry.bytes_at + entry.packed_size;
  const int64_t size = end - at;
  const bool is_marked = size == 16 || size == 24, is_long = size == 20 || size == 24;
  if (!is_marked && size != 12 && size != 20) {
    return Fault(entry.path, "overlaps the next, or has bytes after it that belong to none");
  }
  CORESHED_ASSIGN(const auto bytes, Bytes(at, size));
  zip::Numbers numbers(bytes);
  const bool mark = !is_marked || numbers.U32() == zip::kDescriptor;
  const bool sum = numbers.U32() == entry.crc32;
  const uint64_t packed = is_long ? numbers.U64() : numbers.U32();
  const uint64_t unpacked = is_long ? numbers.U64() : numbers.U32();
  if (mark && sum && packed == static_cast<uint64_t>(entry.packed_size) &&
      unpacked == static_cast<uint64_t>(entry.unpacked_size)) {
    return {};
  }
  return Fault(entry.path, "is described in two ways that do not agree");
}

Result<std::vector<ZipEntry>> DirectoryReader::Read(int64_t entries_max,
                                                    const std::stop_token& stop) {
  CORESHED_ASSIGN(const End end, FindEnd());
  std::vector<ZipEntry> entries;
  int64_t at = end.directory_at;
  while (at < end.directory_end) {
    if (stop.stop_requested()) {
      return Error{ErrorKind::kCancelled, "Reading " + input_.label() + " was cancelled."};
    }
    if (static_cast<int64_t>(entries.size()) == entries_max) {
      return Fault("has more than " + std::to_string(entries_max) + " entries, the limit.");
    }
    CORESHED_ASSIGN(const auto central, ReadHeader(at, true));
    CORESHED_ASSIGN(auto entry, ReadEntry(central, end.directory_at));
    entries.push_back(std::move(entry));
    at += central.size;
  }
  if (at != end.directory_end || entries.size() != end.entries) {
    return Fault("is damaged: it says that it has " + std::to_string(end.entries) +
                 " members, and has " + std::to_string(entries.size()) + ".");
  }
  CORESHED_TRY(CheckCovered(entries, end.directory_at));
  return entries;
}

Result<Decoder> DecoderFor(const ZipEntry& entry, const std::string& label) {
  switch (entry.method) {
    case zip::kStored:
      return Decoder::Make(Packing::kNone, label);
    case zip::kDeflated:
      return Decoder::Make(Packing::kDeflate, label);
    case zip::kZstd:
      return Decoder::Make(Packing::kZstd, label);
    default:
      return Error{ErrorKind::kValidation, label + " is packed by method " +
                                               std::to_string(entry.method) +
                                               ", which is not read here. Pack it anew, with "
                                               "deflate, which every program knows."}
          .With("file", label);
  }
}

}  // namespace

Result<std::vector<ZipEntry>> ReadZipDirectory(const InputFile& input, int64_t entries_max,
                                               const std::stop_token& stop) {
  return DirectoryReader(input).Read(entries_max, stop);
}

ZipEntryReader::ZipEntryReader(std::shared_ptr<InputFile> input, const ZipEntry& entry,
                               Decoder decoder)
    : input_(std::move(input)), entry_(entry), decoder_(std::move(decoder)) {}

Result<ZipEntryReader> ZipEntryReader::Open(std::shared_ptr<InputFile> input,
                                            const ZipEntry& entry) {
  CORESHED_ASSIGN(auto decoder, DecoderFor(entry, input->label() + ": " + entry.path));
  return ZipEntryReader(std::move(input), entry, std::move(decoder));
}

Error ZipEntryReader::Damaged(const std::string& what) const {
  const std::string label = input_->label() + ": " + entry_.path;
  return Error{ErrorKind::kValidation, label + " is damaged: " + what}.With("file", label);
}

Result<bool> ZipEntryReader::Step(int64_t packed_max, const InputFile::Sink& sink) {
  const int64_t size = std::min(packed_max, entry_.packed_size - taken_);
  if (size == 0) {
    CORESHED_TRY(Finish());
    return false;
  }
  CORESHED_ARROW_ASSIGN(const auto packed, input_->file()->ReadAt(entry_.bytes_at + taken_, size),
                        "reading " + input_->label());
  if (packed->size() != size) return Damaged("it is cut short.");
  taken_ += size;
  CORESHED_TRY(
      decoder_.Feed(std::string_view(*packed), [&](std::string_view bytes) -> Result<void> {
        unpacked_ += static_cast<int64_t>(bytes.size());
        if (unpacked_ > entry_.unpacked_size) return Damaged("it is longer than it says.");
        sum_ = arrow::internal::crc32(sum_, bytes.data(), bytes.size());
        return sink(bytes);
      }));
  return true;
}

Result<void> ZipEntryReader::Finish() {
  CORESHED_TRY(decoder_.Finish());
  if (unpacked_ != entry_.unpacked_size) return Damaged("it is shorter than it says.");
  if (sum_ != entry_.crc32) return Damaged("its sum (CRC-32) is wrong.");
  return {};
}

}  // namespace coreshed::sources
