#include "sources/ags_texts.h"

#include <arrow/api.h>
#include <arrow/compute/cast.h>
#include <coreshed/sources.h>

#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/ags_format.h"

namespace coreshed::sources {
namespace {

constexpr const char* kWhat = "writing AGS";

/// The values' type, whatever they are wrapped in.
const arrow::DataType& Unwrapped(const arrow::DataType& type) {
  if (type.id() == arrow::Type::EXTENSION) {
    return Unwrapped(*static_cast<const arrow::ExtensionType&>(type).storage_type());
  }
  if (type.id() == arrow::Type::DICTIONARY) {
    return Unwrapped(*static_cast<const arrow::DictionaryType&>(type).value_type());
  }
  return type;
}

Result<std::shared_ptr<arrow::Array>> Unwrap(std::shared_ptr<arrow::Array> column) {
  if (column->type_id() == arrow::Type::EXTENSION) {
    column = static_cast<const arrow::ExtensionArray&>(*column).storage();
  }
  if (column->type_id() != arrow::Type::DICTIONARY) return column;
  const auto& dictionary = static_cast<const arrow::DictionaryArray&>(*column);
  CORESHED_ARROW_ASSIGN(auto values,
                        arrow::compute::Cast(*column, dictionary.dictionary()->type(),
                                             arrow::compute::CastOptions::Safe()),
                        kWhat);
  return values;
}

/// Texts for the rows that are not null.
using TextOfRow = std::function<Result<std::string>(int64_t row)>;

Result<std::shared_ptr<arrow::StringArray>> Build(const arrow::Array& column,
                                                  const TextOfRow& text_of) {
  arrow::StringBuilder builder;
  for (int64_t row = 0; row < column.length(); ++row) {
    if (column.IsNull(row)) {
      CORESHED_ARROW_TRY(builder.AppendNull(), kWhat);
      continue;
    }
    CORESHED_ASSIGN(const std::string text, text_of(row));
    CORESHED_ARROW_TRY(builder.Append(text), kWhat);
  }
  std::shared_ptr<arrow::StringArray> texts;
  CORESHED_ARROW_TRY(builder.Finish(&texts), kWhat);
  return texts;
}

std::string InStyle(const AgsNumber& number, const std::optional<AgsNumberStyle>& style) {
  auto text = style ? style->Write(number) : std::nullopt;
  return text ? *text : *AgsNumberStyle::Shortest().Write(number);
}

/// A finite number's digits, as few as tell it from its neighbours.
template <typename Float>
AgsNumber ShortestOf(Float value) {
  std::array<char, 32> text{};
  const auto* end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific)
          .ptr;
  return *AgsNumber::Of({text.data(), static_cast<size_t>(end - text.data())});
}

template <typename Array>
Result<std::shared_ptr<arrow::StringArray>> FractionTexts(
    const arrow::Array& column, const std::optional<AgsNumberStyle>& style) {
  const auto& values = static_cast<const Array&>(column);
  return Build(column, [&](int64_t row) -> Result<std::string> {
    const auto value = values.Value(row);
    if (!std::isfinite(value)) {
      return Error{ErrorKind::kUnsupported, "AGS has no text for NaN and infinities. Make it null."}
          .With("row", std::to_string(row));
    }
    return InStyle(ShortestOf(value), style);
  });
}

Result<std::shared_ptr<arrow::StringArray>> CellTextsOf(
    const std::shared_ptr<arrow::Array>& column) {
  CORESHED_ASSIGN(auto texts, CellTexts(column));
  return std::static_pointer_cast<arrow::StringArray>(texts);
}

/// Whole numbers and decimals.
Result<std::shared_ptr<arrow::StringArray>> ExactTexts(const std::shared_ptr<arrow::Array>& column,
                                                       const std::optional<AgsNumberStyle>& style) {
  CORESHED_ASSIGN(const auto texts, CellTextsOf(column));
  return Build(*texts, [&](int64_t row) -> Result<std::string> {
    const auto number = AgsNumber::Of(texts->GetView(row));
    return number ? InStyle(*number, style) : texts->GetString(row);
  });
}

int64_t NanosOf(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return 1'000'000'000;
    case arrow::TimeUnit::MILLI:
      return 1'000'000;
    case arrow::TimeUnit::MICRO:
      return 1'000;
    default:
      return 1;
  }
}

AgsMoment MomentOf(int64_t value, int64_t units_a_day, int64_t nanos_a_unit) {
  int64_t days = value / units_a_day;
  int64_t rest = value % units_a_day;
  if (rest < 0) {
    --days;
    rest += units_a_day;
  }
  return {days, rest * nanos_a_unit};
}

/// What stands in a row of dates or times; they all are whole numbers of some unit.
std::function<AgsMoment(int64_t row)> MomentsOf(const arrow::Array& column) {
  constexpr int64_t kDayNanos = int64_t{86'400} * 1'000'000'000;
  const auto& type = *column.type();
  int64_t nanos = kDayNanos;
  if (type.id() == arrow::Type::DATE64) nanos = NanosOf(arrow::TimeUnit::MILLI);
  if (arrow::is_time(type.id())) nanos = NanosOf(static_cast<const arrow::TimeType&>(type).unit());
  if (type.id() == arrow::Type::TIMESTAMP) {
    nanos = NanosOf(static_cast<const arrow::TimestampType&>(type).unit());
  }
  const auto* data = column.data().get();
  const bool is_32 = type.id() == arrow::Type::DATE32 || type.id() == arrow::Type::TIME32;
  return [data, nanos, is_32](int64_t row) {
    const int64_t value =
        is_32 ? data->GetValues<int32_t>(1)[row] : data->GetValues<int64_t>(1)[row];
    return MomentOf(value, kDayNanos / nanos, nanos);
  };
}

Result<std::shared_ptr<arrow::StringArray>> MomentTexts(const std::shared_ptr<arrow::Array>& column,
                                                        const std::optional<AgsPattern>& pattern) {
  CORESHED_ASSIGN(const auto plain, CellTextsOf(column));
  if (!pattern) return plain;
  const auto moment_of = MomentsOf(*column);
  return Build(*column, [&](int64_t row) -> Result<std::string> {
    if (auto text = pattern->Write(moment_of(row))) return *std::move(text);
    std::string text = plain->GetString(row);
    // So that all moments of a column are one way of writing, but for what some have more.
    const auto blank = text.find(' ');
    if (blank != text.npos && pattern->name().find('T') != std::string::npos) text[blank] = 'T';
    return text;
  });
}

/// Whether a pattern shows all that values of `type` have, but for fractions of seconds.
bool Fits(const AgsPattern& pattern, const arrow::DataType& type) {
  const auto shown = pattern.type()->id();
  if (arrow::is_date(type.id())) return shown == arrow::Type::DATE32;
  if (arrow::is_time(type.id())) return shown == arrow::Type::TIME64;
  if (type.id() != arrow::Type::TIMESTAMP || shown != arrow::Type::TIMESTAMP) return false;
  const auto zone_of = [](const arrow::DataType& of) {
    return static_cast<const arrow::TimestampType&>(of).timezone();
  };
  return zone_of(type).empty() == zone_of(*pattern.type()).empty();
}

}  // namespace

AgsTexts::AgsTexts(const arrow::Field& field) {
  const auto& type = Unwrapped(*field.type());
  unit_ = AgsMetadata(field.metadata(), kAgsUnit);
  type_ = AgsMetadata(field.metadata(), kAgsType);
  const bool has_type = field.metadata() != nullptr && field.metadata()->Contains(kAgsType);
  if (!has_type) SetDefaults(type);
  const std::string format = AgsMetadata(field.metadata(), kAgsFormat);
  style_ = AgsNumberStyle::Named(format);
  if (!style_) style_ = AgsNumberStyle::Named(type_);
  pattern_ = AgsPattern::Named(format);
  if (!pattern_ || !Fits(*pattern_, type)) {
    pattern_ = type_ == "DT" ? AgsPattern::Named(unit_) : std::nullopt;
  }
  if (pattern_ && !Fits(*pattern_, type)) pattern_.reset();
}

/// TYPE and UNIT of a column that did not come from an AGS file.
void AgsTexts::SetDefaults(const arrow::DataType& type) {
  type_ = "X";
  if (arrow::is_integer(type.id())) type_ = "0DP";
  if (arrow::is_floating(type.id())) type_ = "U";
  if (type.id() == arrow::Type::BOOL) type_ = "YN";
  if (arrow::is_decimal(type.id())) {
    type_ = std::to_string(static_cast<const arrow::DecimalType&>(type).scale()) + "DP";
  }
  if (!arrow::is_temporal(type.id())) return;
  type_ = "DT";
  if (!unit_.empty()) return;
  if (arrow::is_date(type.id())) unit_ = "yyyy-mm-dd";
  if (arrow::is_time(type.id())) unit_ = "hh:mm:ss";
  if (type.id() != arrow::Type::TIMESTAMP) return;
  const bool has_zone = !static_cast<const arrow::TimestampType&>(type).timezone().empty();
  unit_ = has_zone ? "yyyy-mm-ddThh:mm:ssZ" : "yyyy-mm-ddThh:mm:ss";
}

Result<std::shared_ptr<arrow::StringArray>> AgsTexts::Of(
    const std::shared_ptr<arrow::Array>& column) const {
  CORESHED_ASSIGN(const auto values, Unwrap(column));
  switch (values->type_id()) {
    case arrow::Type::DOUBLE:
      return FractionTexts<arrow::DoubleArray>(*values, style_);
    case arrow::Type::FLOAT:
      return FractionTexts<arrow::FloatArray>(*values, style_);
    case arrow::Type::HALF_FLOAT: {
      CORESHED_ARROW_ASSIGN(const auto floats, arrow::compute::Cast(*values, arrow::float32()),
                            kWhat);
      return FractionTexts<arrow::FloatArray>(*floats, style_);
    }
    case arrow::Type::BOOL: {
      const auto& booleans = static_cast<const arrow::BooleanArray&>(*values);
      return Build(*values, [&](int64_t row) -> Result<std::string> {
        return std::string(booleans.Value(row) ? "Y" : "N");
      });
    }
    default:
      break;
  }
  const auto id = values->type_id();
  if (arrow::is_integer(id) || arrow::is_decimal(id)) return ExactTexts(values, style_);
  const bool is_moment = arrow::is_date(id) || arrow::is_time(id) || id == arrow::Type::TIMESTAMP;
  return is_moment ? MomentTexts(values, pattern_) : CellTextsOf(values);
}

}  // namespace coreshed::sources
