#include "base/text.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

namespace coreshed {
namespace {

/// Call `visit(code point)` for each; false on ill-formed UTF-8 or when `visit` says so.
template <typename Visit>
bool EachCodePoint(std::string_view text, Visit visit) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code = -1;
    const utf8proc_ssize_t used = utf8proc_iterate(bytes, left, &code);
    if (used <= 0 || code < 0 || !visit(code)) return false;
    bytes += used;
    left -= used;
  }
  return true;
}

std::string Map(std::string_view utf8, int options) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()),
                                 static_cast<utf8proc_ssize_t>(utf8.size()), &mapped,
                                 static_cast<utf8proc_option_t>(options));
  if (size < 0) return std::string(utf8);
  std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  return {reinterpret_cast<const char*>(mapped), static_cast<size_t>(size)};
}

}  // namespace

bool IsUtf8(std::string_view text) {
  return EachCodePoint(text, [](auto) { return true; });
}

bool HasControl(std::string_view utf8) {
  return !EachCodePoint(utf8,
                        [](auto code) { return code >= 0x20 && !(code >= 0x7F && code <= 0x9F); });
}

std::string ToNfc(std::string_view utf8) {
  return Map(utf8, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::string_view TrimBlank(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string FoldCase(std::string_view utf8) {
  return Map(utf8, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
}

std::string ShellQuoted(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:";
  if (text.starts_with("s3://") && text.find_first_not_of(kPlain) == text.npos) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char c : text)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string CutText(std::string text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  text.resize(end);
  return text;
}

std::string Joined(const std::vector<std::string>& texts, size_t most, const std::string& between) {
  std::string joined;
  for (size_t i = 0; i < texts.size() && i < most; ++i)
    joined += (i > 0 ? between : "") + texts[i];
  if (texts.size() > most)
    joined += between + "and " + std::to_string(texts.size() - most) + " more";
  return joined;
}

}  // namespace coreshed
