#include "table/logical_type.h"

#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <cstdint>

#include "base/result.h"
#include "base/text.h"

namespace coreshed::table {
namespace {

using arrow::DataType;
using arrow::Type;

Result<std::string> NameOf(const DataType& type, int depth);

Error Unsupported(const DataType& type, const std::string& why) {
  constexpr size_t kShownMax = 100;
  std::string shown = type.ToString();
  if (shown.size() > kShownMax) {
    size_t end = kShownMax;
    while (end > 0 && (static_cast<uint8_t>(shown[end]) & 0xC0) == 0x80)
      --end;
    shown = shown.substr(0, end) + "…";
  }
  return Error{ErrorKind::kUnsupported, "type " + shown + " can't be stored" + why};
}

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '+' || c == '/' || c == '-';
}

/// A name inside a type's name: bare if nothing in it could be taken for the grammar, else quoted.
Result<std::string> Word(const std::string& text) {
  if (HasControl(text)) {
    return Error{ErrorKind::kUnsupported,
                 "a name inside the type isn't UTF-8 or has control characters"};
  }
  if (!text.empty() && std::all_of(text.begin(), text.end(), IsPlain)) return text;
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

/// The name of a type without parameters; nullptr for others.
const char* SimpleName(Type::type id) {
  switch (id) {
    case Type::NA:
      return "null";
    case Type::BOOL:
      return "bool";
    case Type::INT8:
      return "int8";
    case Type::INT16:
      return "int16";
    case Type::INT32:
      return "int32";
    case Type::INT64:
      return "int64";
    case Type::UINT8:
      return "uint8";
    case Type::UINT16:
      return "uint16";
    case Type::UINT32:
      return "uint32";
    case Type::UINT64:
      return "uint64";
    case Type::HALF_FLOAT:
      return "float16";
    case Type::FLOAT:
      return "float32";
    case Type::DOUBLE:
      return "float64";
    case Type::STRING:
    case Type::LARGE_STRING:
    case Type::STRING_VIEW:
      return "string";
    case Type::BINARY:
    case Type::LARGE_BINARY:
    case Type::BINARY_VIEW:
      return "binary";
    case Type::DATE32:
      return "date";
    case Type::DATE64:
      return "date64";
    default:
      return nullptr;
  }
}

const char* UnitName(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return "s";
    case arrow::TimeUnit::MILLI:
      return "ms";
    case arrow::TimeUnit::MICRO:
      return "us";
    case arrow::TimeUnit::NANO:
      return "ns";
  }
  return "";
}

Result<std::string> DecimalName(const DataType& type) {
  const auto& decimal = static_cast<const arrow::DecimalType&>(type);
  if (decimal.scale() < 0 || decimal.scale() > decimal.precision()) {
    return Unsupported(type, ": its scale must be from 0 to its precision");
  }
  return "decimal(" + std::to_string(decimal.precision()) + "," + std::to_string(decimal.scale()) +
         ")";
}

Result<std::string> TimestampName(const DataType& type) {
  const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
  std::string name = std::string("timestamp(") + UnitName(timestamp.unit());
  if (!timestamp.timezone().empty()) {
    CORESHED_ASSIGN(const auto zone, Word(timestamp.timezone()));
    name += "," + zone;
  }
  return name + ")";
}

Result<std::string> ExtensionName(const std::string& extension, const DataType& storage,
                                  int depth) {
  CORESHED_ASSIGN(const auto word, Word(extension));
  CORESHED_ASSIGN(const auto name, NameOf(storage, depth + 1));
  return "extension(" + word + "," + name + ")";
}

Result<std::string> FieldTypeName(const arrow::Field& field, int depth) {
  const auto& type = *field.type();
  if (type.id() != Type::EXTENSION && field.HasMetadata()) {
    const auto extension = field.metadata()->Get(arrow::kExtensionTypeKeyName);
    if (extension.ok()) return ExtensionName(*extension, type, depth);
  }
  return NameOf(type, depth);
}

/// Children may be null unless their name says otherwise.
Result<std::string> ChildName(const arrow::Field& field, int depth) {
  CORESHED_ASSIGN(auto name, FieldTypeName(field, depth + 1));
  return field.nullable() ? name : name + " not null";
}

Result<std::string> ListName(const DataType& type, int depth) {
  CORESHED_ASSIGN(const auto item, ChildName(*type.field(0), depth));
  if (type.id() != Type::FIXED_SIZE_LIST) return "list<" + item + ">";
  const auto size = static_cast<const arrow::FixedSizeListType&>(type).list_size();
  return "list<" + item + "," + std::to_string(size) + ">";
}

Result<std::string> MapName(const DataType& type, int depth) {
  const auto& map = static_cast<const arrow::MapType&>(type);
  CORESHED_ASSIGN(const auto key, FieldTypeName(*map.key_field(), depth + 2));
  CORESHED_ASSIGN(const auto value, ChildName(*map.item_field(), depth + 1));
  return "map<" + key + "," + value + ">";
}

Result<std::string> StructName(const DataType& type, int depth) {
  if (type.num_fields() == 0) return Unsupported(type, ": it has no fields");
  std::string name = "struct<";
  for (const auto& field : type.fields()) {
    CORESHED_ASSIGN(const auto word, Word(field->name()));
    CORESHED_ASSIGN(const auto child, ChildName(*field, depth));
    if (name.back() != '<') name += ',';
    name += word + ":" + child;
  }
  return name + ">";
}

Result<std::string> DictionaryName(const DataType& type, int depth) {
  const auto& values = *static_cast<const arrow::DictionaryType&>(type).value_type();
  const bool plain =
      values.num_fields() == 0 && values.id() != Type::DICTIONARY && values.id() != Type::EXTENSION;
  if (!plain) return Unsupported(type, "");
  return NameOf(values, depth + 1);
}

/// Types with parameters and children.
Result<std::string> CompositeName(const DataType& type, int depth) {
  switch (type.id()) {
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::DECIMAL128:
    case Type::DECIMAL256:
      return DecimalName(type);
    case Type::FIXED_SIZE_BINARY: {
      const int width = static_cast<const arrow::FixedSizeBinaryType&>(type).byte_width();
      if (width == 0) return Unsupported(type, ": its width is 0");
      return "fixed_binary(" + std::to_string(width) + ")";
    }
    case Type::TIME32:
    case Type::TIME64:
      return std::string("time(") + UnitName(static_cast<const arrow::TimeType&>(type).unit()) +
             ")";
    case Type::TIMESTAMP:
      return TimestampName(type);
    case Type::DURATION:
      return std::string("duration(") +
             UnitName(static_cast<const arrow::DurationType&>(type).unit()) + ")";
    case Type::LIST:
    case Type::LARGE_LIST:
    case Type::LIST_VIEW:
    case Type::LARGE_LIST_VIEW:
    case Type::FIXED_SIZE_LIST:
      return ListName(type, depth);
    case Type::MAP:
      return MapName(type, depth);
    case Type::STRUCT:
      return StructName(type, depth);
    case Type::DICTIONARY:
      return DictionaryName(type, depth);
    case Type::EXTENSION: {
      const auto& extension = static_cast<const arrow::ExtensionType&>(type);
      return ExtensionName(extension.extension_name(), *extension.storage_type(), depth);
    }
    default:
      return Unsupported(type, "");
  }
}

Result<std::string> NameOf(const DataType& type, int depth) {
  if (depth > kTypeDepthMax) {
    return Error{
        ErrorKind::kUnsupported,
        "a type nested more than " + std::to_string(kTypeDepthMax) + " deep can't be stored"};
  }
  if (const char* simple = SimpleName(type.id())) return std::string(simple);
  return CompositeName(type, depth);
}

}  // namespace

Result<std::string> LogicalType(const arrow::DataType& type) {
  return NameOf(type, 1);
}

Result<std::string> LogicalType(const arrow::Field& field) {
  return FieldTypeName(field, 1);
}

}  // namespace coreshed::table
