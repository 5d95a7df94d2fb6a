#include "parts/types.h"

#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "parts/dictionary.h"
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

using TypePtr = std::shared_ptr<DataType>;

/// The type with `change` made to its children, which may be null then where `nullable`; itself
/// where it has none.
TypePtr WithChildren(const TypePtr& type, const std::function<TypePtr(const TypePtr&)>& change,
                     bool nullable = false) {
  const auto changed = [&](const std::shared_ptr<arrow::Field>& field) {
    return field->WithType(change(field->type()))->WithNullable(nullable || field->nullable());
  };
  arrow::FieldVector fields;
  for (const auto& field : type->fields())
    fields.push_back(changed(field));
  switch (type->id()) {
    case Type::LIST:
      return arrow::list(fields[0]);
    case Type::LARGE_LIST:
      return arrow::large_list(fields[0]);
    case Type::FIXED_SIZE_LIST:
      return arrow::fixed_size_list(
          fields[0], static_cast<const arrow::FixedSizeListType&>(*type).list_size());
    case Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(*type);
      return std::make_shared<arrow::MapType>(map.key_field()->WithType(change(map.key_type())),
                                              changed(map.item_field()), map.keys_sorted());
    }
    case Type::STRUCT:
      return arrow::struct_(std::move(fields));
    default:
      return type;
  }
}

}  // namespace

bool HasDictionary(const DataType& type) {
  bool found = false;
  ForEachDictionary(type, nullptr, [&](const auto&, const auto*) { found = true; });
  return found;
}

std::shared_ptr<DataType> ExpandedType(const std::shared_ptr<DataType>& type) {
  if (!HasDictionary(*type)) return type;
  switch (type->id()) {
    case Type::DICTIONARY:
      return static_cast<const arrow::DictionaryType&>(*type).value_type();
    case Type::EXTENSION:
      return ExpandedType(static_cast<const arrow::ExtensionType&>(*type).storage_type());
    default:
      return WithChildren(type, ExpandedType);
  }
}

std::shared_ptr<DataType> StorageType(const std::shared_ptr<DataType>& type) {
  if (type->id() != Type::EXTENSION) return WithChildren(type, StorageType);
  return StorageType(static_cast<const arrow::ExtensionType&>(*type).storage_type());
}

std::shared_ptr<DataType> PlainType(const std::shared_ptr<DataType>& type) {
  return WithChildren(ExpandedType(StorageType(type)), PlainType, /*nullable=*/true);
}

std::shared_ptr<arrow::Schema> PlainSchema(const arrow::Schema& schema) {
  arrow::FieldVector fields;
  for (const auto& field : schema.fields())
    fields.push_back(arrow::field(field->name(), PlainType(field->type()), /*nullable=*/true));
  return arrow::schema(std::move(fields));
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
