#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sources/excel_package.h"

namespace coreshed::sources {

/// At most so much is a text of one cell.
inline constexpr size_t kExcelTextMax = 128 << 10;

/// A text as it is meant: `_x000D_` is the character with that number.
std::string UnescapedExcelText(std::string_view text);

/// For a message: the beginning of a long text.
std::string ShortenedExcelText(std::string_view text);

/// Gathers the text of a cell or of a shared text from the elements that it consists of.
class ExcelTextBuilder {
 public:
  void Clear();
  void Start(std::string_view name);
  void End(std::string_view name);
  /// Taken within `t` that is no reading aid.
  void Text(std::string_view text);
  bool is_too_long() const { return text_.size() > kWrittenMax; }
  std::string Take() { return UnescapedExcelText(text_); }

 private:
  static constexpr size_t kWrittenMax = kExcelTextMax * 7;  // all of it escaped

  std::string text_;
  bool in_text_ = false;
  int readings_ = 0;  ///< `rPh` elements that are open
};

/// The texts that cells refer to by their index. They lie in temporary files, for they may be many.
class ExcelStrings {
 public:
  static Result<std::shared_ptr<ExcelStrings>> Read(const std::shared_ptr<ExcelPackage>& package,
                                                    const std::string& part);

  int64_t size() const { return size_; }
  /// Nothing: there is no such text.
  std::optional<std::string_view> Get(uint64_t index) const;

 private:
  std::shared_ptr<arrow::Buffer> texts_, ends_;
  int64_t size_ = 0;
};

}  // namespace coreshed::sources
