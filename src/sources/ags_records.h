#pragma once

#include <coreshed/error.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "sources/input.h"

namespace coreshed::sources {

/// One line of an AGS file, or several where quotes hold line breaks: its fields without quotes.
struct AgsRecord {
  enum class LineEnd { kCrLf, kLf, kCr, kNone };

  std::vector<std::string_view> fields;  ///< none in a blank line; hold until the next record
  /// Fields at the end that are empty and without quotes, as spreadsheets fill up short rows.
  size_t padding = 0;
  int64_t line = 1;            ///< where it begins
  int64_t begin = 0, end = 0;  ///< its bytes in the file, with its line end
  LineEnd line_end = LineEnd::kNone;
  bool has_bare_fields = false;  ///< a field without quotes, or with blanks beside them
  bool has_breaks = false;       ///< line breaks within quotes
};

/// Bytes of a file, and the line in which they begin.
struct AgsRange {
  int64_t begin = 0, end = 0, line = 1;
};

/// A fault that keeps a file from being read. `rule`: of AGS 4, e.g. "5".
Error AgsFault(const InputFile& input, int64_t line, const std::string& rule,
               const std::string& what);

/// Cuts bytes of an AGS file into records (spec/ags.md, "Bytes"). Holds one record and a piece of
/// the file, whatever the file's size.
class AgsRecords {
 public:
  struct Options {
    size_t fields_max = 0;  ///< of a record; more are kValidation
    std::stop_token stop = {};
  };
  AgsRecords(std::shared_ptr<InputFile> input, const AgsRange& range, Options options);

  /// False at the end of the range.
  Result<bool> Next(AgsRecord* record);
  bool has_byte_order_mark() const { return has_byte_order_mark_; }

 private:
  struct Field {
    size_t begin = 0, size = 0;
    bool has_quotes = false;  ///< doubled ones within
    bool is_bare = false;     ///< not in quotes
  };

  Result<void> Fill();
  Result<bool> Cut(AgsRecord* record);
  Result<bool> CutField(AgsRecord* record);
  Result<bool> CutQuoted(size_t quote, AgsRecord* record);
  bool CutLineEnd(AgsRecord* record);
  Result<void> Complete(AgsRecord* record);
  Error TooLong() const;
  void SkipBlanks();
  bool at_end() const { return offset_ + static_cast<int64_t>(buffer_.size()) >= range_.end; }
  int64_t LineOf(size_t position) const;

  const std::shared_ptr<InputFile> input_;
  const AgsRange range_;
  const Options options_;
  std::string buffer_;
  int64_t offset_;       ///< of the buffer in the file
  size_t record_ = 0;    ///< where the present record begins in the buffer
  size_t position_ = 0;  ///< how far it is cut
  bool ended_ = false;   ///< the present record has its line end
  int64_t line_;         ///< of the present record
  std::vector<Field> fields_;
  bool has_byte_order_mark_ = false;
};

}  // namespace coreshed::sources
