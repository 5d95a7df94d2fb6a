#include "sources/utf8_check.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"

namespace coreshed::sources {
namespace {

/// How many bytes at the end begin a character that goes on.
size_t CutBytes(std::string_view text) {
  for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte < 0x80) return 0;
    if (byte >= 0xC0) {
      const size_t needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
      return needed > back ? back : 0;
    }
  }
  return 0;
}

}  // namespace

Result<void> Utf8Check::Feed(std::string_view piece) {
  if (first_ && (piece.starts_with("\xFF\xFE") || piece.starts_with("\xFE\xFF"))) {
    return Error{ErrorKind::kValidation, label_ + " is UTF-16. Save it as UTF-8."};
  }
  first_ = false;
  std::string joined;
  if (!cut_.empty()) {
    joined = cut_.append(piece);
    piece = joined;
  }
  const size_t whole = piece.size() - CutBytes(piece);
  if (!IsUtf8(piece.substr(0, whole))) return NotUtf8(piece);
  cut_ = piece.substr(whole);
  line_ += std::count(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(whole), '\n');
  return {};
}

Result<void> Utf8Check::Finish() const {
  return cut_.empty() ? Result<void>() : NotUtf8(cut_);
}

Error Utf8Check::NotUtf8(std::string_view text) const {
  int64_t line = line_;
  for (auto end = text.find('\n'); end != text.npos && IsUtf8(text.substr(0, end));
       end = text.find('\n')) {
    text.remove_prefix(end + 1);
    ++line;
  }
  return Error{ErrorKind::kValidation,
               label_ + ", line " + std::to_string(line) +
                   ": not UTF-8. Save the file as UTF-8; or is it no text file?"}
      .With("file", label_)
      .With("line", std::to_string(line));
}

}  // namespace coreshed::sources
