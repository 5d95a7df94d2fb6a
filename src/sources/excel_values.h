#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sources/excel_formats.h"

namespace coreshed::sources {

/// What kind of thing a cell holds: spec/excel.md, "Cells".
enum class ExcelKind : uint8_t {
  kWhole,
  kFraction,
  kBoolean,
  kDay,
  kMoment,
  kTime,
  kElapsed,
  kText,
  kOdd,  ///< something that only its text tells: an error, a day that never was
};
inline constexpr size_t kExcelKinds = 9;

/// What stands in a cell.
struct ExcelValue {
  ExcelKind kind = ExcelKind::kText;
  /// Of a day since 1970; microseconds of a moment since then, of a time since midnight, and of
  /// what has elapsed; 1 for true.
  int64_t number = 0;
  double fraction = 0;
  std::string_view shared;  ///< a text that lies elsewhere,
  std::string own;          ///< or here

  std::string_view text() const { return shared.data() != nullptr ? shared : own; }
  /// Whether it is more than a text of blanks.
  bool is_filled() const;
};

/// Of what is written for a number, and what its format shows of it; nothing: it is no number.
std::optional<ExcelValue> ExcelNumber(std::string_view written, ExcelFormat format, bool from_1904);
/// Of a date or time in ISO 8601; a text where it is none.
ExcelValue ExcelIsoDate(std::string_view written, ExcelFormat format);
/// How a value is told where its column is text.
std::string ExcelTextOf(const ExcelValue& value);
/// Whether a whole number is one of the doubles.
bool IsDouble(int64_t whole);

}  // namespace coreshed::sources
