#include "parts/types.h"

#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "table/logical_type.h"

namespace coreshed::parts {
namespace {

using arrow::DataType;
using arrow::Type;

/// What to convert a type to that Parquet can't hold by itself (children aside); nothing if it can.
std::optional<std::string> Instead(const DataType& type) {
  switch (type.id()) {
    case Type::INTERVAL_MONTHS:
      return "int32 (months)";
    case Type::INTERVAL_DAY_TIME:
      return "duration[ms], or two integer columns";
    case Type::INTERVAL_MONTH_DAY_NANO:
      return "three integer columns";
    case Type::SPARSE_UNION:
    case Type::DENSE_UNION:
      return "a struct with one field for each kind";
    case Type::RUN_END_ENCODED:
      return "its plain values";
    case Type::LIST_VIEW:
      return "list";
    case Type::LARGE_LIST_VIEW:
      return "large_list";
    case Type::STRUCT:
      return type.num_fields() == 0 ? std::optional<std::string>("a struct with a field")
                                    : std::nullopt;
    case Type::FIXED_SIZE_BINARY:
      return type.byte_width() == 0 ? std::optional<std::string>("binary") : std::nullopt;
    case Type::FIXED_SIZE_LIST:
      return static_cast<const arrow::FixedSizeListType&>(type).list_size() == 0
                 ? std::optional<std::string>("list")
                 : std::nullopt;
    case Type::DICTIONARY: {
      const auto id = static_cast<const arrow::DictionaryType&>(type).value_type()->id();
      const bool held = arrow::is_primitive(id) || arrow::is_base_binary_like(id) ||
                        id == Type::FIXED_SIZE_BINARY || arrow::is_decimal(id);
      return held ? std::nullopt : std::optional<std::string>("its plain values");
    }
    default:
      break;
  }
  if (arrow::is_decimal(type.id())) {
    const auto& decimal = static_cast<const arrow::DecimalType&>(type);
    if (decimal.scale() < 0 || decimal.scale() > decimal.precision()) {
      return "a decimal whose scale lies between 0 and its precision";
    }
  }
  return std::nullopt;
}

Result<void> CheckType(const std::string& column, const std::string& path, const DataType& type) {
  if (const auto instead = Instead(type)) {
    const std::string where = path == column ? "" : ", at '" + path + "'";
    return Error{ErrorKind::kUnsupported,
                 "column '" + column + "'" + where + " has type " + type.ToString() +
                     ", which can't be stored exactly: convert it to " + *instead}
        .With("column", column);
  }
  if (type.id() == Type::EXTENSION) {
    return CheckType(column, path, *static_cast<const arrow::ExtensionType&>(type).storage_type());
  }
  if (type.id() == Type::DICTIONARY) {
    return CheckType(column, path, *static_cast<const arrow::DictionaryType&>(type).value_type());
  }
  for (const auto& child : type.fields()) {
    CORESHED_TRY(CheckType(column, path + "." + child->name(), *child->type()));
  }
  return {};
}

std::shared_ptr<arrow::Field> NormalField(const arrow::Field& field) {
  return arrow::field(field.name(), NormalType(field.type()));
}

}  // namespace

std::shared_ptr<DataType> NormalType(const std::shared_ptr<DataType>& type) {
  switch (type->id()) {
    case Type::LARGE_STRING:
    case Type::STRING_VIEW:
      return arrow::utf8();
    case Type::LARGE_BINARY:
    case Type::BINARY_VIEW:
      return arrow::binary();
    case Type::DICTIONARY:
      return NormalType(static_cast<const arrow::DictionaryType&>(*type).value_type());
    case Type::EXTENSION:
      return NormalType(static_cast<const arrow::ExtensionType&>(*type).storage_type());
    case Type::LIST:
    case Type::LARGE_LIST:
      return arrow::list(arrow::field("", NormalType(type->field(0)->type())));
    case Type::FIXED_SIZE_LIST:
      return arrow::fixed_size_list(
          arrow::field("", NormalType(type->field(0)->type())),
          static_cast<const arrow::FixedSizeListType&>(*type).list_size());
    case Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(*type);
      return arrow::map(NormalType(map.key_type()), NormalType(map.item_type()));
    }
    case Type::STRUCT: {
      arrow::FieldVector fields;
      for (const auto& field : type->fields())
        fields.push_back(NormalField(*field));
      return arrow::struct_(std::move(fields));
    }
    default:
      return type;
  }
}

Result<void> CheckTypes(const arrow::Schema& schema) {
  for (const auto& field : schema.fields()) {
    CORESHED_TRY(CheckType(field->name(), field->name(), *field->type()));
  }
  return {};
}

bool StoredAlike(const arrow::Schema& a, const arrow::Schema& b) {
  if (a.num_fields() != b.num_fields()) return false;
  for (int i = 0; i < a.num_fields(); ++i) {
    const auto& first = *a.field(i);
    const auto& second = *b.field(i);
    if (first.name() != second.name()) return false;
    const auto type = table::LogicalType(first), other = table::LogicalType(second);
    if (!type || !other || *type != *other) return false;
  }
  return true;
}

bool IsDecimalOf16Bytes(const DataType& type) {
  return arrow::is_decimal(type.id()) && static_cast<const arrow::DecimalType&>(type).precision() <=
                                             arrow::Decimal128Type::kMaxPrecision;
}

}  // namespace coreshed::parts
