#include "sources/excel_formats.h"

#include <string>

#include "base/ascii.h"

namespace coreshed::sources {
namespace {

/// In any case; `word` is in lower case.
bool StartsWith(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (LowerAscii(text[i]) != word[i]) return false;
  }
  return true;
}

/// h, mm and the like: what stands in brackets.
bool IsElapsed(std::string_view text) {
  if (text.empty()) return false;
  const char first = LowerAscii(text[0]);
  for (const char c : text) {
    if (LowerAscii(c) != first) return false;
  }
  return first == 'h' || first == 'm' || first == 's';
}

/// The letters of a format's first section that stand for something, one of each run, in lower
/// case; none if a place for a digit comes before; a clock of twelve hours as `s`; 'E' for hours,
/// minutes or seconds beyond their bounds.
std::string Letters(std::string_view code) {
  std::string letters;
  for (size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
    const char c = LowerAscii(code[i]);
    const auto word = code.substr(i);
    if (letters.empty() && (c == '0' || c == '#' || c == '?')) break;
    if (c == '"') {
      i = code.find('"', i + 1);
      if (i == code.npos) break;
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == '[') {
      const auto end = code.find(']', i);
      if (end == code.npos) break;
      if (IsElapsed(code.substr(i + 1, end - i - 1))) letters += 'E';
      i = end;
    } else if (StartsWith(word, "general")) {
      i += 6;
    } else if (StartsWith(word, "e+") || StartsWith(word, "e-")) {
      ++i;
    } else if (StartsWith(word, "am/pm") || StartsWith(word, "a/p")) {
      letters += 's';
      i += StartsWith(word, "am/pm") ? 4 : 2;
    } else if (c >= 'a' && c <= 'z' && (letters.empty() || letters.back() != c)) {
      letters += c;
    }
  }
  return letters;
}

}  // namespace

ExcelFormat ExcelFormatOf(std::string_view code) {
  const std::string letters = Letters(code);
  bool has_date = false, has_time = false;
  for (size_t i = 0; i < letters.size(); ++i) {
    const char c = letters[i];
    if (c == 'E') return ExcelFormat::kElapsed;
    if (c == 'm') {
      const bool is_minute =
          (i > 0 && letters[i - 1] == 'h') || (i + 1 < letters.size() && letters[i + 1] == 's');
      (is_minute ? has_time : has_date) = true;
    }
    has_date = has_date || c == 'y' || c == 'd' || c == 'e' || c == 'g' || c == 'b';
    has_time = has_time || c == 'h' || c == 's';
  }
  if (has_date) return has_time ? ExcelFormat::kDateTime : ExcelFormat::kDate;
  return has_time ? ExcelFormat::kTime : ExcelFormat::kNumber;
}

ExcelFormat BuiltInExcelFormat(uint32_t id) {
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 58)) {
    return ExcelFormat::kDate;
  }
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 45 || id == 47) {
    return ExcelFormat::kTime;
  }
  if (id == 22) return ExcelFormat::kDateTime;
  return id == 46 ? ExcelFormat::kElapsed : ExcelFormat::kNumber;
}

}  // namespace coreshed::sources
