#include "base/time.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>

namespace coreshed {
namespace {

constexpr int64_t kSecond = 1'000'000;

/// Reads fixed-width numbers and literal characters from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool Number(size_t digits, int* value) {
    if (text_.size() < digits) return false;
    *value = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (std::isdigit(static_cast<unsigned char>(text_[i])) == 0) return false;
      *value = *value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(digits);
    return true;
  }
  bool Take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool TakeDigit(int* digit) { return Number(1, digit); }
  bool empty() const { return text_.empty(); }

 private:
  std::string_view text_;
};

/// `.123456` if there is one; more than six digits are cut.
bool ScanFraction(Scanner& scan, int64_t* micros) {
  *micros = 0;
  if (!scan.Take('.')) return true;
  int digit = 0;
  int digits = 0;
  for (int64_t unit = kSecond / 10; scan.TakeDigit(&digit); unit /= 10, ++digits) {
    *micros += unit * digit;
  }
  return digits > 0 && digits <= 9;
}

/// `Z`, or an offset whose minutes are to be taken off.
bool ScanZone(Scanner& scan, int* minutes_east) {
  *minutes_east = 0;
  if (scan.Take('Z')) return true;
  const bool west = scan.Take('-');
  if (!west && !scan.Take('+')) return false;
  int hours = 0;
  int minutes = 0;
  if (!scan.Number(2, &hours) || !scan.Take(':') || !scan.Number(2, &minutes)) return false;
  *minutes_east = (hours * 60 + minutes) * (west ? -1 : 1);
  return hours <= 14 && minutes < 60;
}

}  // namespace

std::string FormatTime(int64_t micros) {
  using namespace std::chrono;
  constexpr int64_t kFirst = -62'135'596'800 * kSecond;     // 0001-01-01
  constexpr int64_t kLast = 253'402'300'800 * kSecond - 1;  // end of 9999
  const sys_time<microseconds> time{microseconds(std::clamp(micros, kFirst, kLast))};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[40];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

std::optional<int64_t> ParseTime(std::string_view text) {
  using namespace std::chrono;
  Scanner scan(text);
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, minutes_east = 0;
  int64_t fraction = 0;
  const bool shape = scan.Number(4, &y) && scan.Take('-') && scan.Number(2, &mo) &&
                     scan.Take('-') && scan.Number(2, &d) && scan.Take('T') && scan.Number(2, &h) &&
                     scan.Take(':') && scan.Number(2, &mi) && scan.Take(':') &&
                     scan.Number(2, &s) && ScanFraction(scan, &fraction) &&
                     ScanZone(scan, &minutes_east) && scan.empty();
  const year_month_day date{year(y), month(static_cast<unsigned>(mo)),
                            day(static_cast<unsigned>(d))};
  if (!shape || !date.ok() || y < 1 || h > 23 || mi > 59 || s > 59) return std::nullopt;
  const int64_t seconds_of_day = (h * 60 + mi - minutes_east) * int64_t{60} + s;
  const int64_t day_count = sys_days(date).time_since_epoch().count();
  return (day_count * 86'400 + seconds_of_day) * kSecond + fraction;
}

bool IsStoredTime(std::string_view text) {
  // Of what ParseTime takes, only six digits of fraction before a Z are of this length.
  constexpr size_t kBytes = 27;
  return text.size() == kBytes && text.back() == 'Z' && ParseTime(text).has_value();
}

}  // namespace coreshed
