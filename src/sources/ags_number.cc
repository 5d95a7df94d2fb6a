#include "sources/ags_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace coreshed::sources {
namespace {

constexpr int64_t kDigitsMax = 99;        // of a way of writing
constexpr size_t kExponentDigitsMax = 4;  // more than any number of ours has
constexpr int64_t kExactDigits = std::numeric_limits<double>::digits10;
constexpr int64_t kSafePoint = 290;  // well within what a double's exponent holds

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

/// Take the digits at the beginning of `text` out of it.
std::string_view TakeDigits(std::string_view* text) {
  size_t count = 0;
  while (count < text->size() && IsDigit((*text)[count]))
    ++count;
  const auto digits = text->substr(0, count);
  text->remove_prefix(count);
  return digits;
}

int64_t ToInt(std::string_view digits) {
  int64_t number = 0;
  for (const char c : digits)
    number = number * 10 + (c - '0');
  return number;
}

/// The parts of a number's text.
struct Parts {
  bool negative = false;
  std::string_view whole, fraction, exponent;
  bool has_point = false;
  char mark = '\0';
};

std::optional<Parts> Divide(std::string_view text) {
  Parts parts;
  parts.negative = text.starts_with('-');
  if (parts.negative) text.remove_prefix(1);
  parts.whole = TakeDigits(&text);
  if (parts.whole.empty()) return std::nullopt;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    parts.fraction = TakeDigits(&text);
    if (parts.fraction.empty()) return std::nullopt;
  }
  if (text.starts_with('E') || text.starts_with('e')) {
    parts.mark = text.front();
    text.remove_prefix(1);
    parts.exponent = text;
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    const auto digits = TakeDigits(&text);
    if (digits.empty() || digits.size() > kExponentDigitsMax) return std::nullopt;
  }
  return text.empty() ? std::optional(parts) : std::nullopt;
}

int64_t ExponentOf(std::string_view text) {
  if (text.empty()) return 0;
  const bool has_sign = !IsDigit(text.front());
  const int64_t size = ToInt(text.substr(has_sign ? 1 : 0));
  return text.front() == '-' ? -size : size;
}

/// `digits` with a point before the place `point`, and zeros where there are none.
std::string Plain(const AgsNumber& number, int64_t decimals) {
  std::string text = number.negative ? "-" : "";
  const auto& digits = number.digits;
  const auto size = static_cast<int64_t>(digits.size());
  const auto digit = [&](int64_t place) {
    return place >= 0 && place < size ? digits[static_cast<size_t>(place)] : '0';
  };
  const int64_t point = digits.empty() ? 0 : number.point;
  if (point <= 0) text += '0';
  for (int64_t place = 0; place < point; ++place)
    text += digit(place);
  if (decimals > 0) text += '.';
  for (int64_t place = point; place < point + decimals; ++place)
    text += digit(place);
  return text;
}

/// Digits after the point that the number needs.
int64_t DecimalsOf(const AgsNumber& number) {
  return std::max<int64_t>(0, static_cast<int64_t>(number.digits.size()) - number.point);
}

}  // namespace

std::optional<AgsNumber> AgsNumber::Of(std::string_view text) {
  const auto parts = Divide(text);
  if (!parts) return std::nullopt;
  AgsNumber number;
  number.negative = parts->negative;
  number.digits = std::string(parts->whole).append(parts->fraction);
  number.point = static_cast<int64_t>(parts->whole.size()) + ExponentOf(parts->exponent);
  const auto first = number.digits.find_first_not_of('0');
  if (first == number.digits.npos) return AgsNumber{number.negative};
  number.point -= static_cast<int64_t>(first);
  number.digits = number.digits.substr(first, number.digits.find_last_not_of('0') - first + 1);
  return number;
}

std::optional<AgsNumberText> AgsNumberText::Of(std::string_view text) {
  const auto parts = Divide(text);
  if (!parts || (parts->whole.size() > 1 && parts->whole.front() == '0')) return std::nullopt;
  AgsNumberText number;
  number.text = text;
  number.negative = parts->negative;
  number.decimals = static_cast<int64_t>(parts->fraction.size());
  number.ends_with_zero = parts->fraction.ends_with('0');
  number.exponent = parts->exponent;
  number.exponent_mark = parts->mark;
  const auto whole = static_cast<int64_t>(parts->whole.size());
  const auto digit_first = [&]() -> int64_t {
    const auto in_whole = parts->whole.find_first_not_of('0');
    if (in_whole != parts->whole.npos) return static_cast<int64_t>(in_whole);
    const auto in_fraction = parts->fraction.find_first_not_of('0');
    return in_fraction == parts->fraction.npos ? -1 : whole + static_cast<int64_t>(in_fraction);
  }();
  if (digit_first < 0) {
    number.is_zero = true;
    return number;
  }
  const auto in_fraction = parts->fraction.find_last_not_of('0');
  const int64_t digit_last = in_fraction != parts->fraction.npos
                                 ? whole + static_cast<int64_t>(in_fraction)
                                 : static_cast<int64_t>(parts->whole.find_last_not_of('0'));
  number.significant = digit_last - digit_first + 1;
  number.point = whole - digit_first;
  return number;
}

bool AgsNumberText::IsDouble() const {
  if (is_zero) return true;
  const int64_t place = point + ExponentOf(exponent);
  if (significant <= kExactDigits && place > -kSafePoint && place < kSafePoint) return true;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return false;
  std::array<char, 32> shortest{};
  const auto* shortest_end = std::to_chars(shortest.data(), shortest.data() + shortest.size(),
                                           value, std::chars_format::scientific)
                                 .ptr;
  const auto held =
      AgsNumber::Of({shortest.data(), static_cast<size_t>(shortest_end - shortest.data())});
  const auto said = AgsNumber::Of(text);
  return held && said && held->digits == said->digits && held->point == said->point;
}

bool AgsNumberText::IsInt64() const {
  if (has_exponent() || decimals > 0 || (is_zero && negative)) return false;
  int64_t value = 0;
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
}

AgsNumberStyle AgsNumberStyle::Fixed(int64_t decimals) {
  return {Kind::kFixed, decimals, std::to_string(decimals) + "DP"};
}

AgsNumberStyle AgsNumberStyle::Shortest() {
  return {Kind::kShortest, 0, "shortest"};
}

std::optional<AgsNumberStyle> AgsNumberStyle::Named(std::string_view name) {
  if (name == "shortest" || name == "U") return Shortest();
  if (name == "MC") return AgsNumberStyle(Kind::kSignificant, 2, "2SF");
  std::string_view rest = name;
  const auto digits = TakeDigits(&rest);
  const bool has_count = digits.size() == 1 || (digits.size() == 2 && digits.front() != '0');
  if (!has_count) return std::nullopt;
  const int64_t count = std::min(ToInt(digits), kDigitsMax);
  if (rest == "DP") return Fixed(count);
  if (rest == "SF" && count > 0) {
    return AgsNumberStyle(Kind::kSignificant, count, std::string(name));
  }
  if (!rest.starts_with("SCI")) return std::nullopt;
  AgsNumberStyle style(Kind::kScientific, count, std::string(name));
  if (rest == "SCI") return style;
  rest.remove_prefix(3);
  for (const std::string_view form :
       {" E+00", " E+0", " E00", " E0", " e+00", " e+0", " e00", " e0"}) {
    if (rest != form) continue;
    style.exponent_ = form.substr(1);
    return style;
  }
  return std::nullopt;
}

bool AgsNumberStyle::Writes(const AgsNumberText& number) const {
  if (number.has_exponent() != (kind_ == Kind::kScientific)) return false;
  switch (kind_) {
    case Kind::kFixed:
      return number.decimals == digits_;
    case Kind::kShortest:
      return !number.ends_with_zero;
    case Kind::kSignificant:
      return number.significant <= digits_ &&
             number.decimals == (number.is_zero ? 0 : std::max<int64_t>(0, digits_ - number.point));
    case Kind::kScientific:
      // One digit before the point, which is 0 only in zero.
      return number.decimals == digits_ && (number.is_zero || number.point == 1) &&
             (!number.is_zero || ExponentOf(number.exponent) == 0) &&
             number.exponent_mark == exponent_.front() &&
             Exponent(ExponentOf(number.exponent)).substr(1) == number.exponent;
  }
  return false;
}

std::string AgsNumberStyle::Exponent(int64_t exponent) const {
  std::string text(1, exponent_.front());
  if (exponent < 0) {
    text += '-';
  } else if (exponent_[1] == '+') {
    text += '+';
  }
  const std::string digits = std::to_string(std::abs(exponent));
  if (exponent_.ends_with("00") && digits.size() < 2) text += '0';
  return text + digits;
}

std::optional<std::string> AgsNumberStyle::Write(const AgsNumber& number) const {
  const auto significant = static_cast<int64_t>(number.digits.size());
  switch (kind_) {
    case Kind::kFixed:
      if (DecimalsOf(number) > digits_) return std::nullopt;
      return Plain(number, digits_);
    case Kind::kShortest:
      return Plain(number, DecimalsOf(number));
    case Kind::kSignificant:
      if (significant > digits_) return std::nullopt;
      return Plain(number, significant == 0 ? 0 : std::max<int64_t>(0, digits_ - number.point));
    case Kind::kScientific: {
      if (significant > digits_ + 1) return std::nullopt;
      AgsNumber mantissa = number;
      mantissa.point = 1;
      return Plain(mantissa, digits_) + Exponent(significant == 0 ? 0 : number.point - 1);
    }
  }
  return std::nullopt;
}

}  // namespace coreshed::sources
