#include "catalog/search.h"

#include <algorithm>

#include "base/text.h"
#include "catalog/packed_record.h"

namespace coreshed::catalog {
namespace {

constexpr char kSeparator = '\xFF';  // in no UTF-8: a word is never found across two texts

char LowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

}  // namespace

std::string Folded(std::string_view utf8) {
  if (!IsAscii(utf8)) return FoldCase(utf8);
  std::string folded(utf8);
  std::transform(folded.begin(), folded.end(), folded.begin(), LowerAscii);
  return folded;
}

std::string SearchedText(std::string_view record_id, const RecordInfo& info) {
  std::string folded = Folded(record_id) + kSeparator + Folded(info.name);
  bool is_ascii = IsAscii(record_id) && IsAscii(info.name);
  for (const auto& [key, value] : info.attributes) {
    folded += kSeparator;
    folded += Folded(value);
    is_ascii = is_ascii && IsAscii(value);
  }
  return is_ascii ? std::string() : folded;
}

SearchWord::SearchWord(std::string_view text) : folded_(Folded(text)), is_text_(IsUtf8(text)) {}

bool SearchWord::IsIn(const RecordView& record) const {
  if (!is_text_) return false;  // it could meet a separator
  if (!record.folded.empty()) return record.folded.find(folded_) != std::string_view::npos;
  return IsInAscii(record.record_id) || IsInAscii(record.name) ||
         std::any_of(record.attributes.begin(), record.attributes.end(),
                     [&](const auto& attribute) { return IsInAscii(attribute.second); });
}

bool SearchWord::IsInAscii(std::string_view text) const {
  const auto place = std::search(text.begin(), text.end(), folded_.begin(), folded_.end(),
                                 [](char ours, char wanted) { return LowerAscii(ours) == wanted; });
  return place != text.end() || folded_.empty();
}

}  // namespace coreshed::catalog
