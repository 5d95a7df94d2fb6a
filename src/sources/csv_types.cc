#include "sources/csv_types.h"

#include <arrow/type.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

namespace coreshed::sources {
namespace {

/// How a text may be read, as bits. Times keep one form each, so that mixed forms and precisions
/// have nothing in common and stay text.
enum Form : uint32_t {
  kWhole = 1,
  kFraction = 2,
  kDate = 4,
  kTimeMinutes = 8,
  kTimeSeconds = 16,
  kBoolean = 32,
  kFinite = 64,      // a number, not NaN or infinity: a column of numbers has one
  kTimestamp = 256,  // and the 7 bits above: with T, with seconds, with Z
};
constexpr uint32_t kTimestamps = uint32_t{kTimestamp} * 0xFF;
constexpr uint32_t kTimestampsUtc = uint32_t{kTimestamp} * 0xF0;

constexpr size_t kDateSize = 10;    // 2026-01-27
constexpr size_t kMinutesSize = 5;  // 10:30
constexpr size_t kSecondsSize = 8;  // 10:30:00
constexpr size_t kFractionDigitsMax = 6;
constexpr int kExactDigits = 15;  // a double holds any number of so many digits

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
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

/// Whether the double nearest to `text` would be written with the same digits.
bool HoldsDigits(std::string_view text, double value) {
  if (text.size() <= kExactDigits && std::isnormal(value)) return true;
  const std::string digits = Digits(text);
  if (digits.size() <= kExactDigits && std::isnormal(value)) return true;
  std::array<char, 32> shortest{};
  const auto end = std::to_chars(shortest.data(), shortest.data() + shortest.size(), value).ptr;
  return Digits({shortest.data(), static_cast<size_t>(end - shortest.data())}) == digits;
}

/// Whether `text` is written as a fraction is: no leading zeros, which codes have; and an exponent
/// with a sign or after a point, for 1E5 is as likely a code.
bool LooksLikeFraction(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto e = text.find_first_of("eE");
  std::string_view exponent;
  if (e != text.npos) {
    exponent = text.substr(e + 1);
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

int Number(std::string_view digits) {
  int number = 0;
  for (const char c : digits)
    number = number * 10 + (c - '0');
  return number;
}

uint32_t FormOfTimestamp(std::string_view text) {
  uint32_t form = kTimestamp;
  if (text[kDateSize] == 'T') form <<= 1;
  if (text.size() > kDateSize + 1 + kMinutesSize + 1) form <<= 2;
  if (text.ends_with('Z')) form <<= 4;
  return form;
}

uint32_t FormOf(std::string_view text) {
  if (const auto whole = ParseWhole(text)) {
    const bool holds = HoldsDigits(text, static_cast<double>(*whole));
    return kWhole | kFinite | (holds ? uint32_t{kFraction} : 0);
  }
  if (const auto fraction = ParseFraction(text)) {
    return kFraction | (std::isfinite(*fraction) ? uint32_t{kFinite} : 0);
  }
  if (ParseBoolean(text)) return kBoolean;
  if (ParseDate(text)) return kDate;
  if (ParseTime(text)) return text.size() == kMinutesSize ? kTimeMinutes : kTimeSeconds;
  if (ParseTimestamp(text)) return FormOfTimestamp(text);
  return 0;
}

}  // namespace

std::string_view TrimBlanks(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == text.npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::optional<int64_t> ParseWhole(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (!AllDigits(digits) || (digits.starts_with('0') && text != "0")) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;  // beyond 64 bits
  return value;
}

std::optional<double> ParseFraction(std::string_view text) {
  if (text == "NaN" || text == "nan") return std::nan("");
  if (text == "Inf" || text == "inf") return INFINITY;
  if (text == "-Inf" || text == "-inf") return -INFINITY;
  if (text == "-0") return -0.0;
  // In a column that has fractions, whole numbers are numbers too.
  const auto whole = ParseWhole(text);
  if (!whole && !LooksLikeFraction(text)) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !HoldsDigits(text, value)) return std::nullopt;
  return value;
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

std::optional<int64_t> ParseTime(std::string_view text) {
  if (text.size() < kMinutesSize || text[2] != ':') return std::nullopt;
  const auto hour = text.substr(0, 2), minute = text.substr(3, 2);
  if (!AllDigits(hour) || !AllDigits(minute) || Number(hour) > 23 || Number(minute) > 59) {
    return std::nullopt;
  }
  const int64_t minutes = Number(hour) * 60 + Number(minute);
  if (text.size() == kMinutesSize) return minutes * 60'000'000;
  if (text.size() < kSecondsSize || text[kMinutesSize] != ':') return std::nullopt;
  const auto second = text.substr(6, 2);
  if (!AllDigits(second) || Number(second) > 59) return std::nullopt;
  int64_t micros = (minutes * 60 + Number(second)) * 1'000'000;
  if (text.size() == kSecondsSize) return micros;
  std::string fraction(text.substr(kSecondsSize + 1));
  if (text[kSecondsSize] != '.' || !AllDigits(fraction) || fraction.size() > kFractionDigitsMax) {
    return std::nullopt;
  }
  fraction.resize(kFractionDigitsMax, '0');
  return micros + Number(fraction);
}

std::optional<int64_t> ParseTimestamp(std::string_view text) {
  if (text.size() <= kDateSize || (text[kDateSize] != 'T' && text[kDateSize] != ' ')) {
    return std::nullopt;
  }
  const auto date = ParseDate(text.substr(0, kDateSize));
  auto rest = text.substr(kDateSize + 1);
  if (rest.ends_with('Z')) rest.remove_suffix(1);
  const auto time = ParseTime(rest);
  if (!date || !time) return std::nullopt;
  return int64_t{*date} * 86'400'000'000 + *time;
}

void CsvColumnType::Add(std::string_view value) {
  if (!is_open()) return;
  value = TrimBlanks(value);
  if (value.empty()) return;
  const uint32_t form = FormOf(value);
  in_all_ &= form;
  in_any_ |= form;
}

CsvType CsvColumnType::Get() const {
  if (!wanted_) return Inferred();
  const bool has_values = in_any_ != 0 || in_all_ != ~uint32_t{0};
  if (!has_values || wanted_ == CsvType::kText) return *wanted_;
  if (wanted_ == CsvType::kFraction && (in_all_ & kFraction) != 0) return *wanted_;
  return Inferred();
}

CsvType CsvColumnType::Inferred() const {
  if (in_any_ == 0) return CsvType::kText;  // no values, or a text among them
  if ((in_all_ & kWhole) != 0) return CsvType::kWhole;
  if ((in_all_ & kFraction) != 0 && (in_any_ & kFinite) != 0) return CsvType::kFraction;
  if ((in_all_ & kDate) != 0) return CsvType::kDate;
  if ((in_all_ & (kTimeMinutes | kTimeSeconds)) != 0) return CsvType::kTime;
  if ((in_all_ & kBoolean) != 0) return CsvType::kBoolean;
  if ((in_all_ & kTimestampsUtc) != 0) return CsvType::kTimestampUtc;
  if ((in_all_ & kTimestamps) != 0) return CsvType::kTimestamp;
  return CsvType::kText;
}

std::shared_ptr<arrow::DataType> ArrowType(CsvType type) {
  switch (type) {
    case CsvType::kText:
      return arrow::utf8();
    case CsvType::kWhole:
      return arrow::int64();
    case CsvType::kFraction:
      return arrow::float64();
    case CsvType::kDate:
      return arrow::date32();
    case CsvType::kTime:
      return arrow::time64(arrow::TimeUnit::MICRO);
    case CsvType::kTimestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO);
    case CsvType::kTimestampUtc:
      return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    case CsvType::kBoolean:
      return arrow::boolean();
  }
  return arrow::utf8();
}

std::optional<CsvType> CsvTypeOf(const arrow::DataType& type) {
  for (const CsvType known :
       {CsvType::kText, CsvType::kWhole, CsvType::kFraction, CsvType::kDate, CsvType::kTime,
        CsvType::kTimestamp, CsvType::kTimestampUtc, CsvType::kBoolean}) {
    if (ArrowType(known)->Equals(type)) return known;
  }
  return std::nullopt;
}

}  // namespace coreshed::sources
