#include "sources/csv_types.h"

#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <cmath>

#include "sources/csv_values.h"

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

constexpr size_t kExactDigits = 15;  // a double holds any whole number of so many digits

uint32_t FormOfMoment(const CsvMoment& moment) {
  uint32_t form = kTimestamp;
  if (moment.has_t) form <<= 1;
  if (moment.time.has_seconds) form <<= 2;
  if (moment.has_zone) form <<= 4;
  return form;
}

uint32_t FormOf(std::string_view text) {
  if (ParseWhole(text)) {
    const bool is_fraction = text.size() <= kExactDigits || ParseFraction(text);
    return kWhole | kFinite | (is_fraction ? uint32_t{kFraction} : 0);
  }
  if (const auto fraction = ParseFraction(text)) {
    return kFraction | (std::isfinite(*fraction) ? uint32_t{kFinite} : 0);
  }
  if (ParseBoolean(text)) return kBoolean;
  if (ParseDate(text)) return kDate;
  if (const auto time = ParseTime(text)) return time->has_seconds ? kTimeSeconds : kTimeMinutes;
  if (const auto moment = ParseMoment(text)) return FormOfMoment(*moment);
  return 0;
}

/// The forms of all texts that a type takes, where forms can tell; else none.
uint32_t FormsOf(const arrow::DataType& type) {
  if (type.Equals(*arrow::int64())) return kWhole;
  if (type.Equals(*arrow::float64())) return kFraction;
  if (type.Equals(*arrow::date32())) return kDate;
  if (type.Equals(*arrow::boolean())) return kBoolean;
  return 0;
}

}  // namespace

bool IsTextType(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DICTIONARY) {
    return IsTextType(*static_cast<const arrow::DictionaryType&>(type).value_type());
  }
  return arrow::is_string(type.id()) || type.id() == arrow::Type::STRING_VIEW;
}

CsvColumnType::CsvColumnType(const std::shared_ptr<arrow::DataType>& wanted) {
  if (wanted == nullptr) return;
  is_text_ = IsTextType(*wanted);
  wanted_ = CsvParser::Of(wanted);
  wanted_forms_ = FormsOf(*wanted);
}

void CsvColumnType::Add(std::string_view value) {
  if (value.empty() || !is_open()) return;
  const uint32_t form = FormOf(value);
  if (wanted_ != nullptr) {
    const bool takes = wanted_forms_ != 0 ? (form & wanted_forms_) != 0 : wanted_->Takes(value);
    if (!takes) wanted_ = nullptr;
  }
  in_all_ &= form;
  in_any_ |= form;
}

bool CsvColumnType::is_open() const {
  return !is_text_ && (wanted_ != nullptr || in_all_ != 0);
}

std::shared_ptr<arrow::DataType> CsvColumnType::Get() const {
  if (is_text_) return arrow::utf8();
  return wanted_ != nullptr ? wanted_->type() : Inferred();
}

std::shared_ptr<arrow::DataType> CsvColumnType::Inferred() const {
  if (in_any_ == 0) return arrow::utf8();  // no values, or a text among them
  if ((in_all_ & kWhole) != 0) return arrow::int64();
  if ((in_all_ & kFraction) != 0 && (in_any_ & kFinite) != 0) return arrow::float64();
  if ((in_all_ & kDate) != 0) return arrow::date32();
  if ((in_all_ & (kTimeMinutes | kTimeSeconds)) != 0) return arrow::time64(arrow::TimeUnit::MICRO);
  if ((in_all_ & kBoolean) != 0) return arrow::boolean();
  if ((in_all_ & kTimestampsUtc) != 0) return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  if ((in_all_ & kTimestamps) != 0) return arrow::timestamp(arrow::TimeUnit::MICRO);
  return arrow::utf8();
}

}  // namespace coreshed::sources
