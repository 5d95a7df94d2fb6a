#include <arrow/api.h>
#include <arrow/compute/cast.h>
#include <coreshed/sources.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/arrow_error.h"
#include "base/result.h"

namespace coreshed {
namespace {

constexpr const char* kWhat = "making texts of cells";

/// 1 → 1.0: a fraction stays one when it is read again.
std::string FractionText(std::string_view text) {
  if (text == "nan") return "NaN";
  if (text == "inf") return "Inf";
  if (text == "-inf") return "-Inf";
  const bool whole = text.find_first_not_of("-0123456789") == text.npos;
  return std::string(text) + (whole ? ".0" : "");
}

/// 1.5E-9 → 0.0000000015: `scale` digits after the point, which Arrow leaves out where most are 0.
std::string DecimalText(std::string_view text, int32_t scale) {
  const auto exponent = text.find('E');
  if (exponent == text.npos) return std::string(text);
  std::string digits, sign;
  for (const char c : text.substr(0, exponent)) {
    if (c == '-') sign = "-";
    if (c >= '0' && c <= '9') digits += c;
  }
  const auto places = static_cast<size_t>(scale);
  if (digits.size() < places) digits.insert(0, places - digits.size(), '0');
  return sign + "0." + digits;
}

/// 10:30:00.500000 → 10:30:00.5, and no fraction where it is nothing.
std::string TimeText(std::string_view text) {
  const auto point = text.find('.');
  if (point == text.npos) return std::string(text);
  const auto end = text.find_first_not_of("0123456789", point + 1);
  std::string_view zone = end == text.npos ? std::string_view() : text.substr(end);
  auto digits = text.substr(0, end);
  digits = digits.substr(0, digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.remove_suffix(1);
  return std::string(digits).append(zone);
}

using Rewrite = std::function<std::string(std::string_view)>;

Result<std::shared_ptr<arrow::Array>> Rewritten(const arrow::Array& column,
                                                const Rewrite& rewrite) {
  const auto& texts = static_cast<const arrow::StringArray&>(column);
  arrow::StringBuilder builder;
  for (int64_t row = 0; row < texts.length(); ++row) {
    CORESHED_ARROW_TRY(
        texts.IsNull(row) ? builder.AppendNull() : builder.Append(rewrite(texts.GetView(row))),
        kWhat);
  }
  std::shared_ptr<arrow::Array> result;
  CORESHED_ARROW_TRY(builder.Finish(&result), kWhat);
  return result;
}

bool HasText(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DICTIONARY) {
    return HasText(*static_cast<const arrow::DictionaryType&>(type).value_type());
  }
  return arrow::is_numeric(type.id()) || arrow::is_decimal(type.id()) ||
         arrow::is_string(type.id()) || type.id() == arrow::Type::STRING_VIEW ||
         type.id() == arrow::Type::BOOL || type.id() == arrow::Type::NA ||
         type.id() == arrow::Type::TIMESTAMP || arrow::is_date(type.id()) ||
         arrow::is_time(type.id());
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> CellTexts(const std::shared_ptr<arrow::Array>& column) {
  std::shared_ptr<arrow::Array> cells = column;
  if (cells->type_id() == arrow::Type::EXTENSION) {
    cells = static_cast<const arrow::ExtensionArray&>(*cells).storage();
  }
  if (!HasText(*cells->type())) {
    return Error{ErrorKind::kUnsupported,
                 "values of type " + column->type()->ToString() + " have no text."};
  }
  if (cells->type_id() == arrow::Type::DICTIONARY) {
    const auto& dictionary = static_cast<const arrow::DictionaryArray&>(*cells);
    CORESHED_ARROW_ASSIGN(cells,
                          arrow::compute::Cast(*cells, dictionary.dictionary()->type(),
                                               arrow::compute::CastOptions::Safe()),
                          kWhat);
  }
  const auto& type = *cells->type();
  if (type.id() == arrow::Type::TIMESTAMP) {
    const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
    if (!timestamp.timezone().empty()) {  // the same moments, told in UTC
      CORESHED_ARROW_ASSIGN(cells, cells->View(arrow::timestamp(timestamp.unit(), "UTC")), kWhat);
    }
  }
  CORESHED_ARROW_ASSIGN(
      auto texts, arrow::compute::Cast(*cells, arrow::utf8(), arrow::compute::CastOptions::Safe()),
      kWhat);
  if (arrow::is_floating(type.id())) return Rewritten(*texts, FractionText);
  if (arrow::is_decimal(type.id())) {
    const int32_t scale = static_cast<const arrow::DecimalType&>(type).scale();
    return Rewritten(*texts, [scale](std::string_view text) { return DecimalText(text, scale); });
  }
  if (arrow::is_temporal(type.id())) return Rewritten(*texts, TimeText);
  return texts;
}

}  // namespace coreshed
