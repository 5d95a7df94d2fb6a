#pragma once

#include <coreshed/types.h>

#include <string>
#include <string_view>

namespace coreshed::catalog {

struct RecordView;

/// FoldCase, quick for ASCII.
std::string Folded(std::string_view utf8);

/// What a record's text is searched in, folded once when the record is loaded: id, name and values
/// of attributes. Empty where all of it is ASCII.
std::string SearchedText(std::string_view record_id, const RecordInfo& info);

/// A text looked for in any case. One that is no UTF-8 is nowhere.
class SearchWord {
 public:
  explicit SearchWord(std::string_view text);
  bool IsIn(const RecordView& record) const;

 private:
  bool IsInAscii(std::string_view text) const;

  const std::string folded_;
  const bool is_text_;
};

}  // namespace coreshed::catalog
