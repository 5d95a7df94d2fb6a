#include "cli/cells.h"

#include <arrow/api.h>
#include <arrow/util/base64.h>
#include <coreshed/sources.h>

#include <cmath>
#include <utility>

namespace coreshed::cli {
namespace {

using Value = std::function<Json(int64_t)>;

Value ValuesOf(const std::shared_ptr<arrow::Array>& column);

template <typename Array>
Value Direct(const std::shared_ptr<arrow::Array>& column) {
  return [column](int64_t row) -> Json { return static_cast<const Array&>(*column).Value(row); };
}

template <typename Array>
Value Views(const std::shared_ptr<arrow::Array>& column) {
  return [column](int64_t row) -> Json {
    return std::string(static_cast<const Array&>(*column).GetView(row));
  };
}

template <typename Array>
Value Base64(const std::shared_ptr<arrow::Array>& column) {
  return [column](int64_t row) -> Json {
    return arrow::util::base64_encode(static_cast<const Array&>(*column).GetView(row));
  };
}

/// JSON has no NaN and no infinity: they are texts, as CSV has them.
Json FractionValue(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Inf" : "-Inf";
  return value;
}

template <typename Array>
Value Fractions(const std::shared_ptr<arrow::Array>& column) {
  return [column](int64_t row) -> Json {
    const auto value = static_cast<const Array&>(*column).Value(row);
    if constexpr (std::is_same_v<Array, arrow::FloatArray>) {
      // As a double, 0.1f would show digits that nobody wrote.
      if (std::isfinite(value)) return std::stod(arrow::FloatScalar(value).ToString());
    }
    return FractionValue(static_cast<double>(value));
  };
}

template <typename Array>
Value Lists(const std::shared_ptr<arrow::Array>& column) {
  const auto& list = static_cast<const Array&>(*column);
  return [column, items = ValuesOf(list.values())](int64_t row) -> Json {
    const auto& lists = static_cast<const Array&>(*column);
    Json values = Json::array();
    const auto first = static_cast<int64_t>(lists.value_offset(row));
    for (int64_t i = 0; i < lists.value_length(row); ++i)
      values.push_back(items(first + i));
    return values;
  };
}

Value Structs(const std::shared_ptr<arrow::Array>& column) {
  const auto& structs = static_cast<const arrow::StructArray&>(*column);
  std::vector<std::pair<std::string, Value>> fields;
  fields.reserve(static_cast<size_t>(structs.num_fields()));
  for (int i = 0; i < structs.num_fields(); ++i) {
    fields.emplace_back(structs.struct_type()->field(i)->name(), ValuesOf(structs.field(i)));
  }
  return [fields = std::move(fields)](int64_t row) -> Json {
    Json object = Json::object();
    for (const auto& [name, value] : fields)
      object[name] = value(row);
    return object;
  };
}

Value Dictionary(const std::shared_ptr<arrow::Array>& column) {
  const auto& dictionary = static_cast<const arrow::DictionaryArray&>(*column);
  return [column, values = ValuesOf(dictionary.dictionary())](int64_t row) -> Json {
    return values(static_cast<const arrow::DictionaryArray&>(*column).GetValueIndex(row));
  };
}

/// Times and decimals as CSV has them, a date and its time joined by T; what has no text there as
/// Arrow shows it.
Value Texts(const std::shared_ptr<arrow::Array>& column) {
  auto texts = CellTexts(column);
  if (!texts) {
    return [column](int64_t row) -> Json {
      const auto scalar = column->GetScalar(row);
      return scalar.ok() ? (*scalar)->ToString() : "?";
    };
  }
  const bool is_timestamp = column->type_id() == arrow::Type::TIMESTAMP;
  return [cells = *texts, is_timestamp](int64_t row) -> Json {
    std::string text = static_cast<const arrow::StringArray&>(*cells).GetString(row);
    if (const auto blank = text.find(' '); is_timestamp && blank != text.npos) text[blank] = 'T';
    return text;
  };
}

Value NotNullValuesOf(const std::shared_ptr<arrow::Array>& column) {
  switch (column->type_id()) {
    case arrow::Type::BOOL:
      return Direct<arrow::BooleanArray>(column);
    case arrow::Type::INT8:
      return Direct<arrow::Int8Array>(column);
    case arrow::Type::INT16:
      return Direct<arrow::Int16Array>(column);
    case arrow::Type::INT32:
      return Direct<arrow::Int32Array>(column);
    case arrow::Type::INT64:
      return Direct<arrow::Int64Array>(column);
    case arrow::Type::UINT8:
      return Direct<arrow::UInt8Array>(column);
    case arrow::Type::UINT16:
      return Direct<arrow::UInt16Array>(column);
    case arrow::Type::UINT32:
      return Direct<arrow::UInt32Array>(column);
    case arrow::Type::UINT64:
      return Direct<arrow::UInt64Array>(column);
    case arrow::Type::FLOAT:
      return Fractions<arrow::FloatArray>(column);
    case arrow::Type::DOUBLE:
      return Fractions<arrow::DoubleArray>(column);
    case arrow::Type::STRING:
      return Views<arrow::StringArray>(column);
    case arrow::Type::LARGE_STRING:
      return Views<arrow::LargeStringArray>(column);
    case arrow::Type::STRING_VIEW:
      return Views<arrow::StringViewArray>(column);
    case arrow::Type::BINARY:
      return Base64<arrow::BinaryArray>(column);
    case arrow::Type::LARGE_BINARY:
      return Base64<arrow::LargeBinaryArray>(column);
    case arrow::Type::FIXED_SIZE_BINARY:
      return Base64<arrow::FixedSizeBinaryArray>(column);
    case arrow::Type::LIST:
      return Lists<arrow::ListArray>(column);
    case arrow::Type::LARGE_LIST:
      return Lists<arrow::LargeListArray>(column);
    case arrow::Type::FIXED_SIZE_LIST:
      return Lists<arrow::FixedSizeListArray>(column);
    case arrow::Type::STRUCT:
      return Structs(column);
    case arrow::Type::DICTIONARY:
      return Dictionary(column);
    case arrow::Type::EXTENSION:
      return ValuesOf(static_cast<const arrow::ExtensionArray&>(*column).storage());
    default:
      return Texts(column);
  }
}

Value ValuesOf(const std::shared_ptr<arrow::Array>& column) {
  return [column, value = NotNullValuesOf(column)](int64_t row) -> Json {
    return column->IsNull(row) ? Json(nullptr) : value(row);
  };
}

}  // namespace

Cells::Cells(const std::shared_ptr<arrow::Array>& column)
    : column_(column), value_(ValuesOf(column)) {
  if (auto texts = CellTexts(column)) {
    texts_ = std::static_pointer_cast<arrow::StringArray>(*texts);
  }
}

bool Cells::IsNull(int64_t row) const {
  return column_->IsNull(row);
}

std::string Cells::Text(int64_t row) const {
  if (IsNull(row)) return "";
  if (texts_ != nullptr) return texts_->GetString(row);
  const Json value = value_(row);
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool StandsRight(const arrow::DataType& type) {
  return arrow::is_numeric(type.id()) || arrow::is_decimal(type.id());
}

}  // namespace coreshed::cli
