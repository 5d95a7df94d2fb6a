#include "base/paths.h"

#include <charconv>

#include "base/hex.h"
#include "base/text.h"

namespace coreshed::paths {
namespace {

constexpr size_t kSegmentBytesMax = 200;
constexpr std::string_view kPlain = "-._";

// Letters and digits of ASCII, everything beyond ASCII, and a few signs stand for themselves.
bool IsPlain(unsigned char c) {
  return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         kPlain.find(static_cast<char>(c)) != kPlain.npos;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool HasClimbingSegment(std::string_view id) {
  size_t begin = 0;
  while (begin <= id.size()) {
    const size_t end = std::min(id.find_first_of("/\\", begin), id.size());
    const auto segment = id.substr(begin, end - begin);
    if (segment == "." || segment == "..") return true;
    begin = end + 1;
  }
  return false;
}

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

Error BadId(std::string_view id, const std::string& why) {
  std::string shown(id.substr(0, 80));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return Error{ErrorKind::kInvalidArgument,
               "'" + shown + "' can't be a record id: " + why + ". Choose another id."};
}

}  // namespace

Result<std::string> CheckRecordId(std::string_view id) {
  if (id.empty()) return BadId(id, "it is empty");
  if (!IsUtf8(id)) return BadId("…", "it is not valid UTF-8");
  if (HasControl(id)) return BadId(id, "it holds a control character");
  if (id.front() == ' ' || id.back() == ' ') return BadId(id, "it begins or ends with a blank");
  if (id.front() == '/' || id.front() == '\\') return BadId(id, "it begins like an absolute path");
  if (HasClimbingSegment(id)) return BadId(id, "'.' and '..' are not allowed as parts of it");
  std::string nfc = ToNfc(id);
  if (nfc == kSettingsRecord) return BadId(id, "that name is kept for the store's own settings");
  if (Escape(nfc).size() > kSegmentBytesMax) {
    return BadId(id,
                 "it is longer than 200 bytes (signs other than letters, digits, '-', '.' and "
                 "'_' count three)");
  }
  return nfc;
}

Result<std::string> CheckAnyRecordId(std::string_view id) {
  if (id == kSettingsRecord) return std::string(id);
  return CheckRecordId(id);
}

std::string Escape(std::string_view name) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string segment;
  for (size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    if (IsPlain(c) && !(c == '.' && i == 0)) {  // a leading dot marks temporary names
      segment += static_cast<char>(c);
    } else {
      segment += '%';
      segment += kDigits[c >> 4];
      segment += kDigits[c & 15];
    }
  }
  return segment;
}

std::optional<std::string> Unescape(std::string_view segment) {
  std::string name;
  for (size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '%') {
      name += segment[i];
      continue;
    }
    if (i + 2 >= segment.size()) return std::nullopt;
    const int high = HexValue(segment[i + 1]);
    const int low = HexValue(segment[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    name += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (name.empty() || Escape(name) != segment) return std::nullopt;
  return name;
}

std::string RecordFolder(std::string_view record_id) {
  return std::string(kRecords) + Escape(record_id) + "/";
}

std::string Metadata(std::string_view record_id) {
  return RecordFolder(record_id) + std::string(kMetadata);
}

std::string DataFile(std::string_view table, bool only_table, int64_t version, int k,
                     std::string_view token) {
  std::string name = only_table ? "" : "tables/" + Escape(table) + "/";
  name += "versions/v" + std::to_string(version);
  if (!token.empty()) name += "-" + std::string(token);
  if (k >= 0) name += "/" + std::to_string(k);
  return name + ".parquet";
}

std::string Page(int level, int64_t first, int64_t last, std::string_view token) {
  return "pages/" + std::to_string(level) + "-" + std::to_string(first) + "-" +
         std::to_string(last) + "-" + std::string(token) + ".json";
}

std::string KeptFile(std::string_view sha256, std::string_view token) {
  return std::string(kSources) + std::string(sha256) + "-" + std::string(token);
}

bool IsKeptFile(std::string_view name) {
  if (!name.starts_with(kSources)) return false;
  name.remove_prefix(kSources.size());
  return name.size() == 64 + 1 + 32 && name[64] == '-' && IsHex(name.substr(0, 64), 64) &&
         IsHex(name.substr(65), 32);
}

bool StaysInside(std::string_view name) {
  const std::string bounded = "/" + std::string(name) + "/";
  const auto has = [&](std::string_view part) { return bounded.find(part) != bounded.npos; };
  return !has("//") && !has("/./") && !has("/../") && !has(std::string_view("\0", 1));
}

std::string ContentMarker(std::string_view hash, std::string_view record_id, int64_t version) {
  return ContentPrefix(hash) + Escape(record_id) + "." + std::to_string(version);
}

std::string ContentPrefix(std::string_view hash) {
  return std::string(kContent) + std::string(hash.substr(0, 2)) + "/" + std::string(hash) + ".";
}

std::optional<ParsedMarker> ParseContentMarker(std::string_view key) {
  const size_t slash = key.rfind('/');
  if (slash == key.npos) return std::nullopt;
  const auto name = key.substr(slash + 1);
  const size_t first = name.find('.');
  const size_t last = name.rfind('.');
  if (first == name.npos || last <= first + 1 || !IsHex(name.substr(0, first), 32)) {
    return std::nullopt;
  }
  auto id = Unescape(name.substr(first + 1, last - first - 1));
  auto version = ParseNumber(name.substr(last + 1));
  if (!id || !version) return std::nullopt;
  return ParsedMarker{std::string(name.substr(0, first)), std::move(*id), *version};
}

std::string EventMarker(std::string_view record_id, std::string_view event_id, int64_t seq) {
  return EventPrefix(record_id, event_id) + std::to_string(seq);
}

std::string EventPrefix(std::string_view record_id, std::string_view event_id) {
  return RecordFolder(record_id) + "events/" + std::string(event_id) + ".";
}

std::optional<int64_t> ParseEventMarker(std::string_view key) {
  const size_t dot = key.rfind('.');
  if (dot == key.npos) return std::nullopt;
  return ParseNumber(key.substr(dot + 1));
}

}  // namespace coreshed::paths
