#include "sources/excel_package.h"

#include <arrow/buffer.h>
#include <arrow/io/file.h>
#include <arrow/util/compression.h>
#include <arrow/util/crc32.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/arrow_error.h"
#include "base/ascii.h"
#include "base/result.h"
#include "base/text.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kPiece = int64_t{64} << 10;
constexpr int64_t kDirectoryMax = int64_t{16} << 20;
constexpr int64_t kRatioFrom = int64_t{64} << 20;
constexpr int64_t kCommentMax = 0xFFFF;
constexpr uint32_t kNarrow = 0xFFFFFFFF;  // the value is in a wider field
constexpr uint16_t kStored = 0, kDeflated = 8;

// Sizes of the archive's records, without what may follow.
constexpr int64_t kEndSize = 22, kLocatorSize = 20, kWideEndSize = 56, kEntrySize = 46,
                  kHeaderSize = 30;
constexpr uint32_t kEndMark = 0x06054b50, kLocatorMark = 0x07064b50, kWideEndMark = 0x06064b50,
                   kEntryMark = 0x02014b50, kHeaderMark = 0x04034b50;

/// Numbers of a record, lowest byte first; those outside are 0.
class Record {
 public:
  explicit Record(std::string_view bytes) : bytes_(bytes) {}

  uint16_t U16(size_t at) const { return static_cast<uint16_t>(Number(at, 2)); }
  uint32_t U32(size_t at) const { return static_cast<uint32_t>(Number(at, 4)); }
  uint64_t U64(size_t at) const { return Number(at, 8); }
  bool starts_with(uint32_t mark) const { return bytes_.size() >= 4 && U32(0) == mark; }
  std::string_view Rest(size_t at) const { return bytes_.substr(std::min(at, bytes_.size())); }

 private:
  uint64_t Number(size_t at, size_t size) const {
    uint64_t number = 0;
    if (at + size > bytes_.size()) return 0;
    for (size_t i = size; i-- > 0;)
      number = number << 8 | static_cast<uint8_t>(bytes_[at + i]);
    return number;
  }
  std::string_view bytes_;
};

Result<std::string> BytesAt(const InputFile& input, int64_t at, int64_t size) {
  CORESHED_ARROW_ASSIGN(auto bytes, input.file()->ReadAt(at, size), "reading " + input.label());
  return bytes->ToString();
}

struct Directory {
  uint64_t offset = 0, size = 0, entries = 0;
};

/// Where the archive's directory is, from the record at the file's end; nothing: there is none.
Result<std::optional<Directory>> FindDirectory(const InputFile& input) {
  const int64_t tail_size = std::min(input.size(), kEndSize + kCommentMax + kLocatorSize);
  CORESHED_ASSIGN(const std::string tail, BytesAt(input, input.size() - tail_size, tail_size));
  for (int64_t at = tail_size - kEndSize; at >= 0; --at) {
    const Record end(std::string_view(tail).substr(static_cast<size_t>(at)));
    if (!end.starts_with(kEndMark) || end.U16(20) != end.Rest(kEndSize).size()) continue;
    const Directory narrow{end.U32(16), end.U32(12), end.U16(10)};
    if (at < kLocatorSize) return std::optional(narrow);
    const Record locator(std::string_view(tail).substr(static_cast<size_t>(at - kLocatorSize)));
    if (!locator.starts_with(kLocatorMark)) return std::optional(narrow);
    const uint64_t wide_at = locator.U64(8);
    if (wide_at > static_cast<uint64_t>(input.size())) return std::optional<Directory>();
    CORESHED_ASSIGN(const std::string bytes,
                    BytesAt(input, static_cast<int64_t>(wide_at), kWideEndSize));
    const Record wide(bytes);
    if (!wide.starts_with(kWideEndMark)) return std::optional<Directory>();
    return std::optional(Directory{wide.U64(48), wide.U64(40), wide.U64(32)});
  }
  return std::optional<Directory>();
}

/// Numbers that have no room in an entry of the directory stand in one of its extra fields, in this
/// order.
bool Widen(std::string_view extra, std::initializer_list<uint64_t*> numbers) {
  constexpr uint16_t kWideField = 1;
  while (extra.size() >= 4) {
    const Record field(extra);
    const size_t size = field.U16(2);
    if (4 + size > extra.size()) return false;
    if (field.U16(0) != kWideField) {
      extra.remove_prefix(4 + size);
      continue;
    }
    size_t at = 4;
    for (uint64_t* number : numbers) {
      if (*number != kNarrow) continue;
      if (at + 8 > 4 + size) return false;
      *number = field.U64(at);
      at += 8;
    }
    return true;
  }
  return std::all_of(numbers.begin(), numbers.end(),
                     [](const uint64_t* number) { return *number != kNarrow; });
}

/// Take the first entry off a directory; nothing: it is damaged.
std::optional<ExcelPart> TakeEntry(std::string_view* directory, int64_t file_size) {
  const Record entry(*directory);
  if (directory->size() < kEntrySize || !entry.starts_with(kEntryMark)) return std::nullopt;
  const size_t name_size = entry.U16(28), extra_size = entry.U16(30), comment_size = entry.U16(32);
  const size_t size = kEntrySize + name_size + extra_size + comment_size;
  if (size > directory->size()) return std::nullopt;
  uint64_t packed = entry.U32(20), unpacked = entry.U32(24), header = entry.U32(42);
  const auto extra = entry.Rest(kEntrySize + name_size).substr(0, extra_size);
  if (!Widen(extra, {&unpacked, &packed, &header})) return std::nullopt;
  const auto most = static_cast<uint64_t>(file_size);
  if (packed > most || header > most || unpacked > uint64_t{1} << 60) return std::nullopt;
  ExcelPart part;
  part.name = entry.Rest(kEntrySize).substr(0, name_size);
  part.header = static_cast<int64_t>(header);
  part.packed = static_cast<int64_t>(packed);
  part.unpacked = static_cast<int64_t>(unpacked);
  part.crc = entry.U32(16);
  part.method = entry.U16(10);
  part.encrypted = (entry.U16(8) & 1) != 0;
  directory->remove_prefix(size);
  return part;
}

/// What a file that is no ZIP archive is, and what to do.
Result<std::string> OtherKind(const InputFile& input) {
  constexpr int64_t kHead = int64_t{1} << 20;
  constexpr std::string_view kOle = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
  // The name of what holds the workbook, in UTF-16.
  constexpr std::string_view kEncrypted("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e", 31);
  CORESHED_ASSIGN(const std::string head, input.Head(kHead));
  if (head.empty()) return std::string("is empty.");
  if (head.starts_with(kOle)) {
    if (head.find(kEncrypted) != head.npos) {
      return std::string("is protected by a password. Save it without one (Save As, Tools).");
    }
    return std::string("is an old Excel file (.xls). Open it and save it as .xlsx.");
  }
  if (head.starts_with("PK\x03\x04")) {
    return std::string("is cut or damaged: the end of the archive is missing. Get it once more.");
  }
  const auto text = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (text != head.npos && head[text] == '<') {
    return std::string(
        "is a web page or XML called an Excel file. Open it in Excel and save it as .xlsx.");
  }
  return std::string(
      "is no Excel workbook. If it is text with delimiters, call it .csv; else save it as .xlsx.");
}

}  // namespace

ExcelPackage::ExcelPackage(std::shared_ptr<InputFile> input, const OpenFileOptions& options)
    : input_(std::move(input)), limits_(options.limits), stop_(options.stop) {}

Error ExcelPackage::Fault(const std::string& what) const {
  return Error{ErrorKind::kValidation, input_->label() + ": " + what}.With("file", input_->label());
}

Result<void> ExcelPackage::CheckStop() const {
  if (!stop_.stop_requested()) return {};
  return Error{ErrorKind::kCancelled, "Reading " + input_->label() + " was cancelled."};
}

Result<std::shared_ptr<ExcelPackage>> ExcelPackage::Open(std::shared_ptr<InputFile> input,
                                                         const OpenFileOptions& options) {
  std::shared_ptr<ExcelPackage> package(new ExcelPackage(std::move(input), options));
  CORESHED_TRY(package->ReadDirectory());
  return package;
}

Result<void> ExcelPackage::ReadDirectory() {
  CORESHED_ASSIGN(const auto found, FindDirectory(*input_));
  if (!found) {
    CORESHED_ASSIGN(const std::string what, OtherKind(*input_));
    return Error{ErrorKind::kValidation, input_->label() + " " + what}.With("file",
                                                                            input_->label());
  }
  const Error damaged = Fault("the archive's directory is damaged. Get the file once more.");
  const auto file_size = static_cast<uint64_t>(input_->size());
  if (found->offset > file_size || found->size > file_size - found->offset) return damaged;
  if (found->size > kDirectoryMax) return Fault("the archive's directory has more than 16 MiB.");
  CORESHED_ASSIGN(const std::string bytes, BytesAt(*input_, static_cast<int64_t>(found->offset),
                                                   static_cast<int64_t>(found->size)));
  std::string_view directory = bytes;
  for (uint64_t i = 0; i < found->entries; ++i) {
    auto part = TakeEntry(&directory, input_->size());
    if (!part) return damaged;
    if (!IsUtf8(part->name) || HasControl(part->name))
      continue;  // no part of a workbook is called so
    const std::string name = part->name;
    if (!parts_.try_emplace(LowerAscii(name), std::move(*part)).second) {
      return Fault("the archive has two parts called " + name + ".");
    }
  }
  return {};
}

const ExcelPart* ExcelPackage::Find(std::string_view name) const {
  const auto found = parts_.find(LowerAscii(name));
  return found == parts_.end() ? nullptr : &found->second;
}

Result<void> ExcelPackage::CheckLimits(const ExcelPart& part) {
  if (part.unpacked > kRatioFrom &&
      part.unpacked / std::max<int64_t>(part.packed, 1) > limits_.ratio) {
    return Fault(part.name + " unpacks to " + std::to_string(part.unpacked) + " bytes, more than " +
                 std::to_string(limits_.ratio) +
                 " times what it is packed. Is this an attack? The limit can be set.");
  }
  if (!counted_.insert(part.name).second) return {};
  if (part.unpacked <= limits_.unpacked_bytes - unpacked_) {
    unpacked_ += part.unpacked;
    return {};
  }
  return Fault("it unpacks to more than " + std::to_string(limits_.unpacked_bytes) +
               " bytes. The limit can be set.");
}

Result<std::unique_ptr<ExcelPartStream>> ExcelPackage::Read(const ExcelPart& part) {
  if (part.encrypted) return Fault(part.name + " is encrypted. Save the file without a password.");
  if (part.method != kStored && part.method != kDeflated) {
    return Fault(part.name + " is packed by method " + std::to_string(part.method) +
                 ", which no Excel file is. Open it and save it again.");
  }
  CORESHED_TRY(CheckLimits(part));
  CORESHED_ASSIGN(const std::string bytes, BytesAt(*input_, part.header, kHeaderSize));
  const Record header(bytes);
  const int64_t begin = part.header + kHeaderSize + header.U16(26) + header.U16(28);
  if (!header.starts_with(kHeaderMark) || begin > input_->size() - part.packed ||
      (part.method == kStored && part.packed != part.unpacked)) {
    return Fault(part.name + " is damaged. Get the file once more.");
  }
  std::shared_ptr<arrow::util::Decompressor> decompressor;
  if (part.method == kDeflated) {
    arrow::util::GZipCodecOptions raw;
    raw.gzip_format = arrow::util::GZipFormat::DEFLATE;
    CORESHED_ARROW_ASSIGN(const auto codec,
                          arrow::util::Codec::Create(arrow::Compression::GZIP, raw), "unpacking");
    CORESHED_ARROW_ASSIGN(decompressor, codec->MakeDecompressor(), "unpacking");
  }
  return std::make_unique<ExcelPartStream>(input_, part, begin, std::move(decompressor));
}

ExcelPartStream::ExcelPartStream(std::shared_ptr<InputFile> input, ExcelPart part, int64_t begin,
                                 std::shared_ptr<arrow::util::Decompressor> decompressor)
    : input_(std::move(input)),
      part_(std::move(part)),
      decompressor_(std::move(decompressor)),
      position_(begin),
      packed_left_(part_.packed),
      unpacked_(decompressor_ == nullptr ? 0 : kPiece) {}

Error ExcelPartStream::Damaged() const {
  return Error{ErrorKind::kValidation,
               input_->label() + ": " + part_.name + " is damaged. Get the file once more."}
      .With("file", input_->label());
}

Result<void> ExcelPartStream::Fill() {
  packed_.resize(static_cast<size_t>(std::min(kPiece, packed_left_)));
  CORESHED_ARROW_ASSIGN(
      const int64_t got,
      input_->file()->ReadAt(position_, static_cast<int64_t>(packed_.size()), packed_.data()),
      "reading " + input_->label());
  if (got != static_cast<int64_t>(packed_.size())) return Damaged();
  position_ += got;
  packed_left_ -= got;
  used_ = 0;
  return {};
}

Result<std::string_view> ExcelPartStream::Next() {
  if (decompressor_ != nullptr) return Unpack();
  CORESHED_TRY(Fill());
  return Checked({reinterpret_cast<const char*>(packed_.data()), packed_.size()});
}

Result<std::string_view> ExcelPartStream::Unpack() {
  while (!decompressor_->IsFinished()) {
    if (used_ == packed_.size()) {
      if (packed_left_ == 0) return Damaged();
      CORESHED_TRY(Fill());
    }
    const auto step = decompressor_->Decompress(static_cast<int64_t>(packed_.size() - used_),
                                                packed_.data() + used_, kPiece, unpacked_.data());
    if (!step.ok()) return Damaged();
    used_ += static_cast<size_t>(step->bytes_read);
    if (step->bytes_written > 0) {
      return Checked({reinterpret_cast<const char*>(unpacked_.data()),
                      static_cast<size_t>(step->bytes_written)});
    }
    if (step->bytes_read == 0 && !decompressor_->IsFinished()) return Damaged();
  }
  return Checked({});
}

Result<std::string_view> ExcelPartStream::Checked(std::string_view bytes) {
  crc_ = arrow::internal::crc32(crc_, bytes.data(), bytes.size());
  written_ += static_cast<int64_t>(bytes.size());
  if (written_ > part_.unpacked) return Damaged();
  if (bytes.empty() && (written_ != part_.unpacked || crc_ != part_.crc)) return Damaged();
  return bytes;
}

}  // namespace coreshed::sources
