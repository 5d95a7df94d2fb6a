#include "validate/schema_values.h"

#include <arrow/api.h>
#include <arrow/compute/api_scalar.h>
#include <coreshed/sources.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "sources/csv_parser.h"
#include "sources/csv_values.h"
#include "validate/cell_parser.h"
#include "validate/kernels.h"
#include "validate/values.h"

namespace coreshed::validate {
namespace {

using arrow::Type;
using TypePtr = std::shared_ptr<arrow::DataType>;

constexpr const char* kWhat = "reading a value of the schema";

bool IsFraction(const arrow::DataType& type) {
  return type.id() == Type::FLOAT || type.id() == Type::DOUBLE;
}

/// Times are not cut here, as they are in cells: a bound is meant as it is written.
std::shared_ptr<const sources::CsvParser> ParserOf(const TypePtr& type) {
  return type->id() == Type::BOOL ? CellParserOf(type) : sources::CsvParser::Of(type);
}

template <typename Float, typename Builder>
bool AppendFraction(const std::string& text, arrow::ArrayBuilder* builder) {
  Float value = 0;
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) return false;
  return static_cast<Builder*>(builder)->Append(value).ok();
}

/// `is_number`: of JSON, where 1e5 is no code.
bool AppendValue(const TypePtr& type, const std::string& text, bool is_number,
                 arrow::ArrayBuilder* builder) {
  if (type->id() == Type::STRING) {
    return static_cast<arrow::StringBuilder*>(builder)->Append(text).ok();
  }
  const auto parser = ParserOf(type);
  const auto trimmed = sources::TrimBlanks(text);
  if (IsFraction(*type)) {
    if (!is_number && (!parser->Takes(trimmed))) return false;
    const std::string number(trimmed);
    return type->id() == Type::FLOAT
               ? AppendFraction<float, arrow::FloatBuilder>(number, builder)
               : AppendFraction<double, arrow::DoubleBuilder>(number, builder);
  }
  return parser != nullptr && parser->Append(trimmed, builder).ok();
}

std::shared_ptr<arrow::Array> ValueOf(const TypePtr& type, const std::string& text,
                                      bool is_number) {
  auto builder = arrow::MakeBuilder(type);
  if (!builder.ok() || !AppendValue(type, text, is_number, builder->get())) return nullptr;
  auto value = (*builder)->Finish();
  return value.ok() ? *value : nullptr;
}

}  // namespace

bool HasOrder(const arrow::DataType& type) {
  return arrow::is_integer(type.id()) || IsFraction(type) || arrow::is_decimal(type.id()) ||
         arrow::is_date(type.id()) || arrow::is_time(type.id()) || type.id() == Type::TIMESTAMP;
}

bool HasWords(const arrow::DataType& type) {
  return HasOrder(type) || type.id() == Type::BOOL || type.id() == Type::STRING;
}

bool IsComparable(const arrow::DataType& type) {
  return !arrow::is_nested(type.id()) && type.id() != Type::NA && type.id() != Type::EXTENSION;
}

std::optional<std::string> SchemaValue(const TypePtr& type, const JsonNode& node) {
  using Kind = JsonNode::Kind;
  std::string text = node.text;
  if (node.kind == Kind::kBool && type->id() == Type::BOOL) {
    text = node.is_true ? "true" : "false";
  } else if (node.kind == Kind::kNumber) {
    const bool is_number =
        arrow::is_integer(type->id()) || IsFraction(*type) || arrow::is_decimal(type->id());
    if (!is_number) return std::nullopt;
  } else if (node.kind != Kind::kText) {
    return std::nullopt;
  }
  const auto value = ValueOf(type, text, node.kind == Kind::kNumber);
  if (value == nullptr) return std::nullopt;
  if (type->id() == Type::STRING) return text;
  const auto written = CellTexts(value);
  if (!written) return std::nullopt;
  return static_cast<const arrow::StringArray&>(**written).GetString(0);
}

Result<std::shared_ptr<arrow::Array>> ValuesOf(const TypePtr& type,
                                               const std::vector<std::string>& texts) {
  std::unique_ptr<arrow::ArrayBuilder> builder;
  CORESHED_ARROW_TRY(arrow::MakeBuilder(arrow::default_memory_pool(), type, &builder), kWhat);
  for (const auto& text : texts) {
    if (AppendValue(type, text, true, builder.get())) continue;
    return Error{ErrorKind::kValidation, "'" + text + "' is no " + type->ToString() + "."};
  }
  CORESHED_ARROW_ASSIGN(auto values, builder->Finish(), kWhat);
  return values;
}

Result<bool> IsGreater(const std::shared_ptr<arrow::Array>& a,
                       const std::shared_ptr<arrow::Array>& b) {
  CORESHED_ASSIGN(const auto greater, CallKernel("greater", {a, b}));
  return static_cast<const arrow::BooleanArray&>(*greater.make_array()).Value(0);
}

Result<std::string> WholePattern(const std::string& pattern) {
  std::string whole = "\\A(?:" + pattern + ")\\z";
  // Compiled only where there is a text to match.
  CORESHED_ASSIGN(const auto text_to_match, ValuesOf(arrow::utf8(), {""}));
  // First alone: a bracket too many would end the one that is put around it.
  for (const auto& text : {pattern, whole}) {
    const arrow::compute::MatchSubstringOptions options(text);
    CORESHED_TRY(CallKernel("match_substring_regex", {text_to_match}, &options));
  }
  return whole;
}

}  // namespace coreshed::validate
