#include "cli/text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cwchar>

namespace coreshed::cli {
namespace {

struct Character {
  char32_t code = 0;
  size_t size = 0;  ///< bytes; 0: the first byte begins no UTF-8
};

Character Decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (size == 0 || first > 0xF4 || text.size() < size) return {};
  char32_t code = first & (0xFF >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    code = (code << 6) | (next & 0x3F);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[size] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
  return {code, size};
}

/// Marks that turn the direction of writing, and others that are not seen.
bool IsInvisible(char32_t code) {
  return (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || code == 0x061C;
}

std::string Hex(const char* format, unsigned number) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

std::string Shown(const Character& character, std::string_view bytes) {
  const char32_t code = character.code;
  if (code < 0x20) {  // ␀ to ␟
    return std::string("\xE2\x90") + static_cast<char>(0x80 + code);
  }
  if (code == 0x7F) return "␡";
  if (code < 0xA0 && code >= 0x80) return Hex("\\x%02x", code);
  if (IsInvisible(code)) return Hex("\\u%04x", code);
  return std::string(bytes);
}

size_t WidthOf(char32_t code) {
  const int width = wcwidth(static_cast<wchar_t>(code));
  return width < 0 ? 1 : static_cast<size_t>(width);
}

/// How many bytes of `text` fit into `width` places.
size_t BytesThatFit(std::string_view text, size_t width) {
  size_t at = 0, used = 0;
  while (at < text.size()) {
    const Character character = Decode(text.substr(at));
    const size_t places = character.size == 0 ? 1 : WidthOf(character.code);
    if (used + places > width) break;
    used += places;
    at += character.size == 0 ? 1 : character.size;
  }
  return at;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const Character character = Decode(text);
    if (character.size == 0) {
      shown += Hex("\\x%02x", static_cast<unsigned char>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    shown += Shown(character, text.substr(0, character.size));
    text.remove_prefix(character.size);
  }
  return shown;
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character character = Decode(text);
    width += character.size == 0 ? 1 : WidthOf(character.code);
    text.remove_prefix(character.size == 0 ? 1 : character.size);
  }
  return width;
}

std::string Cut(std::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width == 0) return "";
  return std::string(text.substr(0, BytesThatFit(text, width - 1))) + "…";
}

std::string Padded(std::string_view text, size_t width, bool right) {
  const size_t used = DisplayWidth(text);
  const std::string blanks(used < width ? width - used : 0, ' ');
  return right ? blanks + std::string(text) : std::string(text) + blanks;
}

std::vector<std::string> Wrapped(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  while (DisplayWidth(text) > width && width > 0) {
    size_t end = BytesThatFit(text, width);
    if (end == 0) break;
    const auto blank = text.rfind(' ', end);
    const size_t next = blank != text.npos && blank > 0 ? blank : end;
    lines.emplace_back(text.substr(0, next));
    text.remove_prefix(next);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  if (!text.empty() || lines.empty()) lines.emplace_back(text);
  return lines;
}

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number);
  const size_t first = number < 0 ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string Counted(int64_t number, const std::string& noun) {
  return Grouped(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string Bytes(int64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  double size = static_cast<double>(bytes);
  for (const char* unit : {"kB", "MB", "GB", "TB"}) {
    size /= 1000;
    if (size < 999.5 || unit[0] == 'T') {
      std::array<char, 32> text{};
      std::snprintf(text.data(), text.size(), size < 9.95 ? "%.1f %s" : "%.0f %s", size, unit);
      return text.data();
    }
  }
  return "";
}

std::string ShortTime(const std::string& time) {
  std::string shown = time.substr(0, 19);
  if (shown.size() > 10 && shown[10] == 'T') shown[10] = ' ';
  return shown;
}

}  // namespace coreshed::cli
