#include "sources/sas7bdat_header.h"

#include <string>

#include "base/result.h"

namespace coreshed::sources {
namespace {

// How every such file begins.
constexpr std::string_view kMagic(
    "\0\0\0\0\0\0\0\0\0\0\0\0\xC2\xEA\x81\x60\xB3\x14\x11\xCF\xBD\x92\x08\0\x09\xC7\x31\x8C\x18\x1F"
    "\x10\x11",
    32);
constexpr int64_t kHead = 256;
constexpr size_t kWideAt = 32, kShiftAt = 35, kEndianAt = 37, kEncodingAt = 70, kSizesAt = 196;
constexpr char kYes = '3';  // SAS's way to say so

Error Fault(const InputFile& input, const std::string& what) {
  return Error{ErrorKind::kValidation, input.label() + " " + what}.With("file", input.label());
}

int64_t Number(std::string_view bytes, size_t at, size_t size, bool big) {
  uint64_t number = 0;
  for (size_t i = 0; i < size; ++i)
    number = number << 8 | static_cast<unsigned char>(bytes[at + (big ? i : size - 1 - i)]);
  return static_cast<int64_t>(number);
}

}  // namespace

bool Sas7bdatHeader::says_encoding() const {
  constexpr int kNone = 0, kAscii = 28, kAny = 204;
  return encoding != kNone && encoding != kAscii && encoding != kAny;
}

bool Sas7bdatHeader::HasDeletedRows(int64_t at, std::string_view bytes) const {
  constexpr int64_t kDeleted = 0x80;
  const bool is_page = static_cast<int64_t>(bytes.size()) == page_bytes && at >= header_bytes &&
                       (at - header_bytes) % page_bytes == 0;
  return is_page && (Number(bytes, wide ? 32 : 16, 2, big) & kDeleted) != 0;
}

Result<Sas7bdatHeader> ReadSas7bdatHeader(const InputFile& input) {
  if (input.size() == 0) return Fault(input, "is empty.");
  CORESHED_ASSIGN(const std::string head, input.Head(kHead));
  if (!head.starts_with(kMagic) || head.size() < static_cast<size_t>(kHead)) {
    return Fault(input, "is no SAS data set (.sas7bdat).");
  }
  Sas7bdatHeader header;
  header.wide = head[kWideAt] == kYes;
  header.big = head[kEndianAt] == 0;
  header.encoding = static_cast<unsigned char>(head[kEncodingAt]);
  const size_t sizes = kSizesAt + (head[kShiftAt] == kYes ? 4 : 0);
  header.header_bytes = Number(head, sizes, 4, header.big);
  header.page_bytes = Number(head, sizes + 4, 4, header.big);
  header.pages = Number(head, sizes + 8, header.wide ? 8 : 4, header.big);
  constexpr int64_t kLeast = 1024, kMost = int64_t{1} << 24;  // as ReadStat takes them
  const auto is_size = [](int64_t size) { return size >= kLeast && size <= kMost; };
  if (!is_size(header.header_bytes) || !is_size(header.page_bytes) || header.pages < 0 ||
      header.pages > kMost) {
    return Fault(input, "is damaged: its header has no sizes that can be.");
  }
  if (input.size() < header.header_bytes + header.pages * header.page_bytes) {
    return Fault(input, "is cut off: it should have " + std::to_string(header.pages) +
                            " pages of " + std::to_string(header.page_bytes) +
                            " bytes. Get it again.");
  }
  return header;
}

}  // namespace coreshed::sources
