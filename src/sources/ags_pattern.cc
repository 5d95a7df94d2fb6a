#include "sources/ags_pattern.h"

#include <arrow/type.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/ascii.h"

namespace coreshed::sources {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kDay = 24 * 60 * kMinute;
constexpr size_t kFractionDigitsMax = 6;

std::optional<int64_t> Number(std::string_view digits) {
  int64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

int64_t PowerOfTen(size_t digits) {
  int64_t power = 1;
  for (size_t i = 0; i < digits; ++i)
    power *= 10;
  return power;
}

}  // namespace

bool AgsPattern::Has(Part part) const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [part](const Piece& piece) { return piece.part == part; });
}

/// What `name` begins with.
std::optional<AgsPattern::Piece> AgsPattern::NextPiece(std::string_view name,
                                                       const std::vector<Piece>& before) {
  const auto had = [&](Part part) {
    return std::any_of(before.begin(), before.end(),
                       [part](const Piece& piece) { return piece.part == part; });
  };
  const std::string lower = LowerAscii(name.substr(0, 4 + kFractionDigitsMax));
  if (lower.starts_with('s') && had(Part::kSecond)) {
    return Piece{Part::kFraction, std::min(lower.find_first_not_of('s'), lower.size())};
  }
  if (lower.starts_with("yyyy")) return Piece{Part::kYear, 4};
  if (lower.starts_with("mm")) return Piece{had(Part::kHour) ? Part::kMinute : Part::kMonth, 2};
  if (lower.starts_with("dd")) return Piece{Part::kDay, 2};
  if (lower.starts_with("hh")) return Piece{Part::kHour, 2};
  if (lower.starts_with("ss")) return Piece{Part::kSecond, 2};
  const bool is_literal = std::string_view("-/.: T").find(name.front()) != std::string_view::npos;
  if (is_literal || name == "Z") return Piece{Part::kLiteral, 1, name.front()};
  return std::nullopt;
}

std::optional<AgsPattern> AgsPattern::Named(std::string_view name) {
  constexpr size_t kSizeMax = 40;
  if (name.size() > kSizeMax) return std::nullopt;
  AgsPattern pattern;
  pattern.name_ = name;
  while (!name.empty()) {
    const auto piece = NextPiece(name, pattern.pieces_);
    if (!piece || (piece->part != Part::kLiteral && pattern.Has(piece->part))) return std::nullopt;
    pattern.pieces_.push_back(*piece);
    name.remove_prefix(piece->size);
  }
  return pattern.FindType() ? std::optional(pattern) : std::nullopt;
}

bool AgsPattern::FindType() {
  const bool any_date = Has(Part::kYear) || Has(Part::kMonth) || Has(Part::kDay);
  const bool all_date = Has(Part::kYear) && Has(Part::kMonth) && Has(Part::kDay);
  const bool any_time = Has(Part::kHour) || Has(Part::kMinute) || Has(Part::kSecond);
  const bool all_time = Has(Part::kHour) && Has(Part::kMinute);
  if (any_date != all_date || any_time != all_time || (!any_date && !any_time)) return false;
  smallest_nanos_ = any_time ? (Has(Part::kSecond) ? kSecond : kMinute) : kDay;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    if (pieces_[i].part != Part::kFraction) continue;
    // A point between seconds and their fraction.
    if (pieces_[i].size > kFractionDigitsMax || i < 2 || pieces_[i - 1].literal != '.' ||
        pieces_[i - 2].part != Part::kSecond) {
      return false;
    }
    smallest_nanos_ = kSecond / PowerOfTen(pieces_[i].size);
  }
  const bool is_utc = pieces_.back().literal == 'Z';
  if (is_utc && !(any_date && any_time)) return false;
  if (!any_time) {
    type_ = arrow::date32();
  } else if (!any_date) {
    type_ = arrow::time64(arrow::TimeUnit::MICRO);
  } else {
    type_ = arrow::timestamp(arrow::TimeUnit::MICRO, is_utc ? "UTC" : "");
  }
  return true;
}

std::optional<AgsPattern> AgsPattern::Of(const std::string_view whole) {
  std::string_view text = whole;
  // Each digit shows what part it is by its place.
  constexpr std::string_view kDate = "yyyy-mm-dd", kTime = "hh:mm:ss";
  constexpr size_t kMinutesSize = 5;
  std::string name;
  const bool has_date = text.size() >= kDate.size() && text[4] == '-';
  if (has_date) {
    name = kDate;
    text.remove_prefix(kDate.size());
  }
  if (has_date && !text.empty() && (text.front() == 'T' || text.front() == ' ')) {
    name += text.front();
    text.remove_prefix(1);
  }
  const bool is_utc = text.ends_with('Z');
  if (is_utc) text.remove_suffix(1);
  if (text.size() == kMinutesSize || text.size() == kTime.size()) {
    name += kTime.substr(0, text.size());
  } else if (text.size() > kTime.size() && text.size() < 2 * kTime.size()) {
    name += std::string(kTime) + "." + std::string(text.size() - kTime.size() - 1, 's');
  } else if (!text.empty()) {
    return std::nullopt;
  }
  auto pattern = Named(name + (is_utc ? "Z" : ""));
  return pattern && pattern->Read(whole) ? pattern : std::nullopt;
}

std::optional<AgsMoment> AgsPattern::Read(std::string_view text) const {
  std::array<int64_t, 8> parts{};
  parts[static_cast<size_t>(Part::kYear)] = 1970;
  parts[static_cast<size_t>(Part::kMonth)] = parts[static_cast<size_t>(Part::kDay)] = 1;
  size_t fraction_digits = 0;
  for (const Piece& piece : pieces_) {
    if (text.size() < piece.size) return std::nullopt;
    if (piece.part == Part::kLiteral) {
      if (text.front() != piece.literal) return std::nullopt;
    } else {
      const auto number = Number(text.substr(0, piece.size));
      if (!number) return std::nullopt;
      parts[static_cast<size_t>(piece.part)] = *number;
      if (piece.part == Part::kFraction) fraction_digits = piece.size;
    }
    text.remove_prefix(piece.size);
  }
  const auto value = [&](Part part) { return parts[static_cast<size_t>(part)]; };
  const std::chrono::year_month_day day{
      std::chrono::year(static_cast<int>(value(Part::kYear))),
      std::chrono::month(static_cast<unsigned>(value(Part::kMonth))),
      std::chrono::day(static_cast<unsigned>(value(Part::kDay)))};
  if (!text.empty() || !day.ok() || value(Part::kYear) == 0 || value(Part::kHour) > 23 ||
      value(Part::kMinute) > 59 || value(Part::kSecond) > 59) {
    return std::nullopt;
  }
  const int64_t seconds =
      (value(Part::kHour) * 60 + value(Part::kMinute)) * 60 + value(Part::kSecond);
  const int64_t fraction = value(Part::kFraction) * (kSecond / PowerOfTen(fraction_digits));
  return AgsMoment{std::chrono::sys_days(day).time_since_epoch().count(),
                   seconds * kSecond + fraction};
}

std::optional<std::string> AgsPattern::Write(const AgsMoment& moment) const {
  // Year 1 to 9999, so that the sum below is far from any limit.
  constexpr int64_t kFirstDay = -719'162, kLastDay = 2'932'896;
  if (moment.days < kFirstDay || moment.days > kLastDay) return std::nullopt;
  if (moment.nanos % smallest_nanos_ != 0) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::sys_days(std::chrono::days(moment.days))};
  const int year = static_cast<int>(day.year());
  std::string text;
  const auto add = [&](int64_t number, size_t size) {
    const std::string digits = std::to_string(number);
    text.append(size - std::min(size, digits.size()), '0').append(digits);
  };
  for (const Piece& piece : pieces_) {
    switch (piece.part) {
      case Part::kLiteral:
        text += piece.literal;
        break;
      case Part::kYear:
        add(year, piece.size);
        break;
      case Part::kMonth:
        add(static_cast<unsigned>(day.month()), piece.size);
        break;
      case Part::kDay:
        add(static_cast<unsigned>(day.day()), piece.size);
        break;
      case Part::kHour:
        add(moment.nanos / (60 * kMinute), piece.size);
        break;
      case Part::kMinute:
        add(moment.nanos / kMinute % 60, piece.size);
        break;
      case Part::kSecond:
        add(moment.nanos / kSecond % 60, piece.size);
        break;
      case Part::kFraction:
        add(moment.nanos % kSecond / (kSecond / PowerOfTen(piece.size)), piece.size);
        break;
    }
  }
  return text;
}

}  // namespace coreshed::sources
