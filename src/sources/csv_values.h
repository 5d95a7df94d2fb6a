#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// What stands in a cell of a CSV file, as a value: spec/csv.md, "Values". Texts come without blanks
// around them; nothing where a text is no such value.

namespace coreshed::sources {

/// How much messages show of a cell or a name.
inline constexpr size_t kShownBytes = 60;

/// `text` without blanks around it.
std::string_view TrimBlanks(std::string_view text);

std::optional<int64_t> ParseWhole(std::string_view text);
std::optional<uint64_t> ParseWholeUnsigned(std::string_view text);
/// Only if the nearest number of this type would be written with the same digits.
std::optional<double> ParseFraction(std::string_view text);
std::optional<float> ParseFraction32(std::string_view text);
/// Whether a number is written with all its digits before and after the point, none of them
/// superfluous before it: as decimals are.
bool LooksLikeDecimal(std::string_view text);
std::optional<bool> ParseBoolean(std::string_view text);
/// Days since 1970.
std::optional<int32_t> ParseDate(std::string_view text);

inline constexpr size_t kMicroDigits = 6, kNanoDigits = 9;

/// A time of day.
struct CsvTime {
  int64_t nanos = 0;  ///< since midnight
  bool has_seconds = false;
};
/// `digits`: the most that a fraction of a second may have.
std::optional<CsvTime> ParseTime(std::string_view text, size_t digits = kMicroDigits);

/// A date and a time of day with T or a blank between them, and perhaps a Z.
struct CsvMoment {
  int32_t days = 0;  ///< since 1970
  CsvTime time;
  bool has_t = false, has_zone = false;
};
std::optional<CsvMoment> ParseMoment(std::string_view text, size_t digits = kMicroDigits);

}  // namespace coreshed::sources
