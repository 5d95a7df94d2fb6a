#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sources/ags_number.h"
#include "sources/ags_pattern.h"

namespace coreshed::sources {

// What an AGS file says beyond names and types, in the metadata of schemas and fields (spec/ags.md,
// "Metadata").
inline constexpr const char* kAgsGroup = "ags_group";
inline constexpr const char* kAgsOrder = "ags_order";
inline constexpr const char* kAgsBlankLines = "ags_blank_lines";
inline constexpr const char* kAgsBlankLinesAfter = "ags_blank_lines_after";
inline constexpr const char* kAgsLineEnd = "ags_line_end";
inline constexpr const char* kAgsUnit = "ags_unit";
inline constexpr const char* kAgsType = "ags_type";
inline constexpr const char* kAgsFormat = "ags_format";

/// A value under a key; "" if there is none.
std::string AgsMetadata(const std::shared_ptr<const arrow::KeyValueMetadata>& metadata,
                        const std::string& key);

/// A cell of a file, looked at once for all ways of writing it.
struct AgsCell {
  explicit AgsCell(std::string_view cell) : text(cell), number(AgsNumberText::Of(cell)) {}
  std::string_view text;
  std::optional<AgsNumberText> number;
};

/// How the values of a column that is not text are written, and as what they are held.
class AgsFormat {
 public:
  /// What TYPE and UNIT say; null: text.
  static std::shared_ptr<const AgsFormat> OfType(std::string_view type, std::string_view unit);
  /// By its name in a field's metadata, for values of `type`; null: none for such values.
  static std::shared_ptr<const AgsFormat> Named(std::string_view name, const arrow::DataType& type);
  /// Some way of writing values of `type`; null: there is none.
  static std::shared_ptr<const AgsFormat> For(const arrow::DataType& type);

  static std::shared_ptr<const AgsFormat> Number(AgsNumberStyle style, bool is_int64 = false);
  static std::shared_ptr<const AgsFormat> Moment(AgsPattern pattern);
  static std::shared_ptr<const AgsFormat> YesNo();

  std::string name() const;
  const std::shared_ptr<arrow::DataType>& type() const { return type_; }
  /// Whether the cell has a value of the type, which is written exactly so.
  bool Takes(const AgsCell& cell) const;
  /// Append the value of a text that it takes to a builder of its type.
  arrow::Status Append(std::string_view text, arrow::ArrayBuilder* builder) const;

 private:
  struct YesOrNo {};
  using Way = std::variant<AgsNumberStyle, AgsPattern, YesOrNo>;

  AgsFormat(Way way, std::shared_ptr<arrow::DataType> type)
      : way_(std::move(way)), type_(std::move(type)) {}
  arrow::Status AppendMoment(const AgsMoment& moment, arrow::ArrayBuilder* builder) const;

  Way way_;
  std::shared_ptr<arrow::DataType> type_;
};

}  // namespace coreshed::sources
