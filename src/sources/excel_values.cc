#include "sources/excel_values.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "sources/csv_values.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kDayMillis = 86'400'000;
constexpr int64_t kDayMicros = kDayMillis * 1000;
constexpr double kWholeMax = 9007199254740992.0;  // to here a double is no other whole number
constexpr size_t kDoubleDigits = 17;              // tell any double

// Days of 1900 and 1904 at 1970; the last day of 9999; and the days that never were.
constexpr int64_t kDays1900 = 25'569, kDays1904 = 24'107, kLastDay1900 = 2'958'465;
constexpr int64_t kLastDay1904 = kLastDay1900 - (kDays1900 - kDays1904);
constexpr int64_t kNoDay = 0, kLeapDay = 60;

ExcelValue Odd(std::string text) {
  ExcelValue value;
  value.kind = ExcelKind::kOdd;
  value.own = std::move(text);
  return value;
}

ExcelValue Of(ExcelKind kind, int64_t number) {
  ExcelValue value;
  value.kind = kind;
  value.number = number;
  return value;
}

/// As shortly as it can be; with an exponent only where it has to be.
std::string FractionText(double number) {
  constexpr double kSmall = 1e-7;
  const double size = std::abs(number);
  const auto format = number == 0 || (size >= kSmall && size < kWholeMax)
                          ? std::chars_format::fixed
                          : std::chars_format::scientific;
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, format).ptr;
  return {text.data(), end};
}

std::string TwoDigits(int64_t number) {
  const std::string digits = std::to_string(number);
  return digits.size() < 2 ? "0" + digits : digits;
}

/// 10:30:00.25: hours as many as there are, and a fraction without zeros at its end.
std::string ClockText(int64_t micros) {
  constexpr int64_t kSecond = 1'000'000;
  const int64_t seconds = micros / kSecond;
  std::string text = TwoDigits(seconds / 3600) + ":" + TwoDigits(seconds / 60 % 60) + ":" +
                     TwoDigits(seconds % 60);
  if (micros % kSecond != 0) {
    const std::string fraction = std::to_string(kSecond + micros % kSecond).substr(1);
    text += "." + fraction.substr(0, fraction.find_last_not_of('0') + 1);
  }
  return text;
}

std::string DayText(int64_t days) {
  const std::chrono::year_month_day day{
      std::chrono::sys_days(std::chrono::days(static_cast<int>(days)))};
  const std::string year = std::to_string(static_cast<int>(day.year()));
  return std::string(4 - std::min<size_t>(year.size(), 4), '0') + year + "-" +
         TwoDigits(static_cast<unsigned>(day.month())) + "-" +
         TwoDigits(static_cast<unsigned>(day.day()));
}

/// Whether the digits are more than a double tells.
bool HasTooManyDigits(std::string_view written) {
  const auto mantissa = written.substr(0, written.find_first_of("eE"));
  size_t digits = 0, zeros = 0;
  for (const char c : mantissa) {
    if (c < '0' || c > '9') continue;
    if (c == '0') {
      zeros += digits > 0 ? 1 : 0;
    } else {
      digits += std::exchange(zeros, 0) + 1;
    }
  }
  return digits > kDoubleDigits;
}

std::optional<ExcelValue> PlainNumber(std::string_view written) {
  if (const auto whole = ParseWhole(written)) return Of(ExcelKind::kWhole, *whole);
  double number = 0;
  const char* const end = written.data() + written.size();
  const auto [rest, fault] = std::from_chars(written.data(), end, number);
  if (fault != std::errc() || rest != end || !std::isfinite(number)) return std::nullopt;
  const bool is_digits = written.find_first_not_of("-0123456789") == written.npos;
  if ((is_digits && std::abs(number) > kWholeMax) || HasTooManyDigits(written)) {
    return Odd(std::string(written));
  }
  const bool is_minus_zero = number == 0 && std::signbit(number);
  if (std::abs(number) <= kWholeMax && std::trunc(number) == number && !is_minus_zero) {
    return Of(ExcelKind::kWhole, static_cast<int64_t>(number));
  }
  ExcelValue value = Of(ExcelKind::kFraction, 0);
  value.fraction = number;
  return value;
}

/// A number that is shown as a date or a time; nothing: it can't be.
std::optional<ExcelValue> DateOf(double serial, ExcelFormat format, bool from_1904) {
  const int64_t last_day = from_1904 ? kLastDay1904 : kLastDay1900;
  if (std::abs(serial) >= static_cast<double>(last_day + 1)) return std::nullopt;
  if (format == ExcelFormat::kElapsed) {
    const int64_t millis = std::llround(serial * static_cast<double>(kDayMillis));
    return Of(ExcelKind::kElapsed, millis * 1000);
  }
  if (serial < 0) return std::nullopt;
  auto day = static_cast<int64_t>(serial);
  const bool is_clock = format == ExcelFormat::kTime && day == 0;
  int64_t millis =
      std::llround((serial - static_cast<double>(day)) * static_cast<double>(kDayMillis));
  if (is_clock && millis == kDayMillis) return Odd("24:00:00");
  if (is_clock) return Of(ExcelKind::kTime, millis * 1000);
  if (millis == kDayMillis) {
    millis = 0;
    ++day;
  }
  if (day > last_day) return std::nullopt;
  const bool has_time = millis != 0 || format != ExcelFormat::kDate;
  if (!from_1904 && (day == kNoDay || day == kLeapDay)) {
    return Odd(std::string(day == kNoDay ? "1900-01-00" : "1900-02-29") +
               (has_time ? " " + ClockText(millis * 1000) : ""));
  }
  const int64_t since_1970 = from_1904        ? day - kDays1904
                             : day < kLeapDay ? day - kDays1900 + 1
                                              : day - kDays1900;
  if (!has_time) return Of(ExcelKind::kDay, since_1970);
  return Of(ExcelKind::kMoment, since_1970 * kDayMicros + millis * 1000);
}

}  // namespace

bool ExcelValue::is_filled() const {
  return kind != ExcelKind::kText || text().find_first_not_of(' ') != std::string_view::npos;
}

std::optional<ExcelValue> ExcelNumber(std::string_view written, ExcelFormat format,
                                      bool from_1904) {
  auto value = PlainNumber(written);
  if (!value || value->kind == ExcelKind::kOdd || format == ExcelFormat::kNumber) return value;
  const double serial =
      value->kind == ExcelKind::kWhole ? static_cast<double>(value->number) : value->fraction;
  auto date = DateOf(serial, format, from_1904);
  return date ? std::move(date) : std::move(value);
}

ExcelValue ExcelIsoDate(std::string_view written, ExcelFormat format) {
  const bool is_date = format == ExcelFormat::kDate;
  if (const auto day = ParseDate(written)) {
    const bool shows_time = format == ExcelFormat::kDateTime || format == ExcelFormat::kTime;
    return shows_time ? Of(ExcelKind::kMoment, *day * kDayMicros) : Of(ExcelKind::kDay, *day);
  }
  if (const auto moment = ParseMoment(written); moment && !moment->has_zone) {
    if (is_date && moment->time.nanos == 0) return Of(ExcelKind::kDay, moment->days);
    return Of(ExcelKind::kMoment, moment->days * kDayMicros + moment->time.nanos / 1000);
  }
  if (const auto time = ParseTime(written)) return Of(ExcelKind::kTime, time->nanos / 1000);
  ExcelValue value;
  value.own = written;
  return value;
}

std::string ExcelTextOf(const ExcelValue& value) {
  switch (value.kind) {
    case ExcelKind::kWhole:
      return std::to_string(value.number);
    case ExcelKind::kFraction:
      return FractionText(value.fraction);
    case ExcelKind::kBoolean:
      return value.number != 0 ? "TRUE" : "FALSE";
    case ExcelKind::kDay:
      return DayText(value.number);
    case ExcelKind::kMoment: {
      const int64_t day = (value.number - (value.number < 0 ? kDayMicros - 1 : 0)) / kDayMicros;
      return DayText(day) + " " + ClockText(value.number - day * kDayMicros);
    }
    case ExcelKind::kTime:
      return ClockText(value.number);
    case ExcelKind::kElapsed:
      return (value.number < 0 ? "-" : "") + ClockText(std::abs(value.number));
    case ExcelKind::kText:
    case ExcelKind::kOdd:
      return std::string(value.text());
  }
  return {};
}

bool IsDouble(int64_t whole) {
  constexpr double kEnd = 9223372036854775808.0;  // one beyond 64 bits
  const auto number = static_cast<double>(whole);
  return number < kEnd && static_cast<int64_t>(number) == whole;
}

}  // namespace coreshed::sources
