#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace coreshed::sources {

/// The types that a CSV column can have.
enum class CsvType { kText, kWhole, kFraction, kDate, kTime, kTimestamp, kTimestampUtc, kBoolean };

std::shared_ptr<arrow::DataType> ArrowType(CsvType type);
/// The other way; nothing for types that CSV files don't get.
std::optional<CsvType> CsvTypeOf(const arrow::DataType& type);

/// Finds a column's type from all its values. A type is taken only if every value would be written
/// back as the same text, or as one that a person calls the same (spec/format.md, "CSV types").
class CsvColumnType {
 public:
  /// `wanted`: taken where the values allow it, though they may look like another: whole numbers as
  /// fractions, anything as text, nothing as anything.
  explicit CsvColumnType(std::optional<CsvType> wanted = std::nullopt) : wanted_(wanted) {}

  /// One value; blanks around it don't count, and one of only blanks is none.
  void Add(std::string_view value);
  /// Whether it can still be anything but text.
  bool is_open() const { return in_all_ != 0 && wanted_ != CsvType::kText; }
  CsvType Get() const;

 private:
  CsvType Inferred() const;

  std::optional<CsvType> wanted_;
  uint32_t in_all_ = ~uint32_t{0};  ///< the forms that every value has
  uint32_t in_any_ = 0;             ///< the forms that some value has
};

/// `text` without blanks around it.
std::string_view TrimBlanks(std::string_view text);

// A trimmed value as one type; nothing where it is none. Of the same answers CsvColumnType is made.

std::optional<int64_t> ParseWhole(std::string_view text);
std::optional<double> ParseFraction(std::string_view text);
std::optional<bool> ParseBoolean(std::string_view text);
/// Days since 1970.
std::optional<int32_t> ParseDate(std::string_view text);
/// Microseconds since midnight; with or without seconds.
std::optional<int64_t> ParseTime(std::string_view text);
/// Microseconds since 1970; with T or a blank, with or without seconds, and with Z or without.
std::optional<int64_t> ParseTimestamp(std::string_view text);

}  // namespace coreshed::sources
