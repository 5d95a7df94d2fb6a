#include "sources/csv_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <string>

namespace coreshed::sources {
namespace {

constexpr size_t kDateSize = 10;    // 2026-01-27
constexpr size_t kMinutesSize = 5;  // 10:30
constexpr size_t kSecondsSize = 8;  // 10:30:00

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}
std::string_view WithoutSign(std::string_view text) {
  return text.substr(text.starts_with('-') ? 1 : 0);
}

/// Codes have leading zeros; whole numbers have none, and -0 is none.
bool LooksLikeWhole(std::string_view text) {
  const std::string_view digits = WithoutSign(text);
  return AllDigits(digits) && (!digits.starts_with('0') || text == "0");
}

/// Whether `text` is written as a fraction is: no leading zeros, which codes have; and an exponent
/// with a sign or after a point, for 1E5 is as likely a code.
bool LooksLikeFraction(std::string_view text) {
  text = WithoutSign(text);
  const auto e = text.find_first_of("eE");
  if (e != text.npos) {
    const std::string_view exponent = text.substr(e + 1);
    text = text.substr(0, e);
    const bool has_sign = exponent.starts_with('+') || exponent.starts_with('-');
    if (!AllDigits(exponent.substr(has_sign ? 1 : 0))) return false;
    if (!has_sign && text.find('.') == text.npos) return false;
  }
  const auto point = text.find('.');
  const auto before = text.substr(0, point);
  if (before.size() > 1 && before.starts_with('0')) return false;
  if (point == text.npos) return e != text.npos && AllDigits(before);
  return AllDigits(text.substr(point + 1)) && (before.empty() || AllDigits(before));
}

/// The digits of a number that carry something: without sign, point, exponent and outer zeros.
std::string Digits(std::string_view number) {
  std::string digits;
  for (const char c : number.substr(0, number.find_first_of("eE"))) {
    if (IsDigit(c)) digits += c;
  }
  const auto first = digits.find_first_not_of('0');
  if (first == digits.npos) return "";
  return digits.substr(first, digits.find_last_not_of('0') - first + 1);
}

/// Whether the number nearest to `text` would be written with the same digits.
template <typename Float>
bool HoldsDigits(std::string_view text, Float value) {
  constexpr size_t kExactDigits = std::numeric_limits<Float>::digits10;  // always held
  if (text.size() <= kExactDigits && std::isnormal(value)) return true;
  const std::string digits = Digits(text);
  if (digits.size() <= kExactDigits && std::isnormal(value)) return true;
  std::array<char, 32> shortest{};
  // Without an exponent, large numbers would have more digits than they need.
  const auto end = std::to_chars(shortest.data(), shortest.data() + shortest.size(), value,
                                 std::chars_format::scientific)
                       .ptr;
  return Digits({shortest.data(), static_cast<size_t>(end - shortest.data())}) == digits;
}

template <typename Number>
std::optional<Number> FromChars(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

template <typename Float>
std::optional<Float> ParseFloat(std::string_view text) {
  constexpr auto kInfinity = std::numeric_limits<Float>::infinity();
  if (text == "NaN" || text == "nan") return std::numeric_limits<Float>::quiet_NaN();
  if (text == "Inf" || text == "inf") return kInfinity;
  if (text == "-Inf" || text == "-inf") return -kInfinity;
  if (text == "-0") return Float{-0.0};
  // In a column that has fractions, whole numbers are numbers too; those beyond 64 bits are codes.
  if (LooksLikeWhole(text) ? !ParseWhole(text) : !LooksLikeFraction(text)) return std::nullopt;
  const auto value = FromChars<Float>(text);
  return value && HoldsDigits(text, *value) ? value : std::nullopt;
}

int Number(std::string_view digits) {
  int number = 0;
  for (const char c : digits)
    number = number * 10 + (c - '0');
  return number;
}

}  // namespace

std::string_view TrimBlanks(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == text.npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::optional<int64_t> ParseWhole(std::string_view text) {
  return LooksLikeWhole(text) ? FromChars<int64_t>(text) : std::nullopt;
}

std::optional<uint64_t> ParseWholeUnsigned(std::string_view text) {
  return LooksLikeWhole(text) ? FromChars<uint64_t>(text) : std::nullopt;
}

std::optional<double> ParseFraction(std::string_view text) {
  return ParseFloat<double>(text);
}

std::optional<float> ParseFraction32(std::string_view text) {
  return ParseFloat<float>(text);
}

bool LooksLikeDecimal(std::string_view text) {
  if (LooksLikeWhole(text)) return true;
  return text.find_first_of("eE") == text.npos && LooksLikeFraction(text);
}

std::optional<bool> ParseBoolean(std::string_view text) {
  const auto is = [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  };
  if (is("true")) return true;
  if (is("false")) return false;
  return std::nullopt;
}

std::optional<int32_t> ParseDate(std::string_view text) {
  if (text.size() != kDateSize || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = text.substr(0, 4), month = text.substr(5, 2), day = text.substr(8, 2);
  if (!AllDigits(year) || !AllDigits(month) || !AllDigits(day)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(Number(year)),
                                         std::chrono::month(static_cast<unsigned>(Number(month))),
                                         std::chrono::day(static_cast<unsigned>(Number(day)))};
  if (!date.ok() || Number(year) == 0) return std::nullopt;
  return static_cast<int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

std::optional<CsvTime> ParseTime(std::string_view text, size_t digits) {
  if (text.size() < kMinutesSize || text[2] != ':') return std::nullopt;
  const auto hour = text.substr(0, 2), minute = text.substr(3, 2);
  if (!AllDigits(hour) || !AllDigits(minute) || Number(hour) > 23 || Number(minute) > 59) {
    return std::nullopt;
  }
  const int64_t minutes = Number(hour) * 60 + Number(minute);
  constexpr int64_t kNanos = 1'000'000'000;
  if (text.size() == kMinutesSize) return CsvTime{minutes * 60 * kNanos, false};
  if (text.size() < kSecondsSize || text[kMinutesSize] != ':') return std::nullopt;
  const auto second = text.substr(6, 2);
  if (!AllDigits(second) || Number(second) > 59) return std::nullopt;
  const int64_t nanos = (minutes * 60 + Number(second)) * kNanos;
  if (text.size() == kSecondsSize) return CsvTime{nanos, true};
  std::string fraction(text.substr(kSecondsSize + 1));
  if (text[kSecondsSize] != '.' || !AllDigits(fraction) || fraction.size() > digits) {
    return std::nullopt;
  }
  fraction.resize(kNanoDigits, '0');
  return CsvTime{nanos + Number(fraction), true};
}

std::optional<CsvMoment> ParseMoment(std::string_view text, size_t digits) {
  if (text.size() <= kDateSize || (text[kDateSize] != 'T' && text[kDateSize] != ' ')) {
    return std::nullopt;
  }
  CsvMoment moment;
  moment.has_t = text[kDateSize] == 'T';
  moment.has_zone = text.ends_with('Z');
  const auto date = ParseDate(text.substr(0, kDateSize));
  auto rest = text.substr(kDateSize + 1);
  if (moment.has_zone) rest.remove_suffix(1);
  const auto time = ParseTime(rest, digits);
  if (!date || !time) return std::nullopt;
  moment.days = *date;
  moment.time = *time;
  return moment;
}

}  // namespace coreshed::sources
