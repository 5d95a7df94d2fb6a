#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "table/check.h"
#include "table/logical_type.h"
#include "table/stored_schema.h"
#include "table/stored_types.h"

// Everything here takes what a hostile hand could have written: each value is looked at before it
// is used, and each type is built by Arrow's checking constructors, or after the checks they lack.

namespace coreshed::table {
namespace {

using arrow::Type;
using nlohmann::json;
using TypePtr = std::shared_ptr<arrow::DataType>;
using FieldPtr = std::shared_ptr<arrow::Field>;

Result<TypePtr> TypeFromJson(const json& value, int depth);

/// The rest of the sentence is put before it by SchemaFromJson.
Error Damaged(const std::string& what) {
  return Error{ErrorKind::kCorruption, what};
}

/// A word of the damaged schema, if it can be shown to a person.
std::string Shown(const std::string& word) {
  return word.size() > 100 || HasControl(word) ? "…" : "'" + word + "'";
}

const json* Find(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

Result<std::string> TextFromJson(const json* value, const std::string& what) {
  if (value != nullptr && value->is_string()) return value->get_ref<const std::string&>();
  const json* base64 = value == nullptr ? nullptr : Find(*value, "base64");
  if (base64 == nullptr || !base64->is_string()) return Damaged(what + " is no text");
  auto bytes = arrow::util::base64_decode(base64->get_ref<const std::string&>());
  if (!bytes.ok()) return Damaged(what + " is no base64");
  return std::move(bytes).ValueUnsafe();
}

Result<int32_t> NumberFromJson(const json& object, const char* key, int32_t min, int32_t max) {
  const json* value = Find(object, key);
  const bool small = value != nullptr && value->is_number_integer() &&
                     (!value->is_number_unsigned() ||
                      value->get<uint64_t>() <= std::numeric_limits<int32_t>::max());
  if (small) {
    const auto number = value->get<int64_t>();
    if (number >= min && number <= max) return static_cast<int32_t>(number);
  }
  return Damaged(std::string("'") + key + "' is no number that is possible");
}

Result<bool> FlagFromJson(const json& object, const char* key, bool absent) {
  const json* value = Find(object, key);
  if (value == nullptr) return absent;
  if (!value->is_boolean()) return Damaged(std::string("'") + key + "' is neither true nor false");
  return value->get<bool>();
}

/// The metadata of a field or schema; nothing if there are none.
Result<std::shared_ptr<arrow::KeyValueMetadata>> MetadataFromJson(const json& object) {
  const json* pairs = Find(object, "metadata");
  if (pairs == nullptr) return std::shared_ptr<arrow::KeyValueMetadata>();
  if (!pairs->is_array()) return Damaged("'metadata' is no list");
  auto metadata = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& pair : *pairs) {
    if (!pair.is_array() || pair.size() != 2) return Damaged("an entry of 'metadata' is no pair");
    CORESHED_ASSIGN(auto key, TextFromJson(&pair[0], "a key of 'metadata'"));
    CORESHED_ASSIGN(auto value, TextFromJson(&pair[1], "a value of 'metadata'"));
    metadata->Append(std::move(key), std::move(value));
  }
  return metadata;
}

struct Extension {
  std::string name, parameters;
  TypePtr storage;
  TypePtr type;  ///< nothing where this process doesn't know it
};

Result<Extension> ExtensionFromJson(const json& object, int depth) {
  Extension extension;
  CORESHED_ASSIGN(extension.name, TextFromJson(Find(object, "name"), "an extension's name"));
  if (const json* parameters = Find(object, "parameters")) {
    CORESHED_ASSIGN(extension.parameters, TextFromJson(parameters, "'parameters'"));
  }
  const json* storage = Find(object, "storage");
  if (storage == nullptr) return Damaged("an extension lacks its storage");
  CORESHED_ASSIGN(extension.storage, TypeFromJson(*storage, depth + 1));
  if (const auto known = arrow::GetExtensionType(extension.name)) {
    auto type = known->Deserialize(extension.storage, extension.parameters);
    if (type.ok()) extension.type = std::move(type).ValueUnsafe();
  }
  return extension;
}

bool IsExtension(const json& type) {
  const json* kind = Find(type, "kind");
  return kind != nullptr && kind->is_string() && kind->get_ref<const std::string&>() == kExtension;
}

Result<FieldPtr> FieldFromJson(const json& value, int depth) {
  const json* name = Find(value, "name");
  if (name == nullptr || !name->is_string()) return Damaged("a field has no name");
  const json* type_json = Find(value, "type");
  if (type_json == nullptr) return Damaged("a field has no type");
  CORESHED_ASSIGN(const bool nullable, FlagFromJson(value, "nullable", true));
  CORESHED_ASSIGN(auto metadata, MetadataFromJson(value));
  TypePtr type;
  if (IsExtension(*type_json)) {
    if (depth > kTypeDepthMax) return Damaged("its type is nested too deeply");
    CORESHED_ASSIGN(auto extension, ExtensionFromJson(*type_json, depth));
    type = extension.type;
    if (type == nullptr) {  // as Arrow shows it where it is unknown
      type = extension.storage;
      if (metadata == nullptr) metadata = std::make_shared<arrow::KeyValueMetadata>();
      metadata->Append(arrow::kExtensionTypeKeyName, extension.name);
      metadata->Append(arrow::kExtensionMetadataKeyName, extension.parameters);
    }
  } else {
    CORESHED_ASSIGN(type, TypeFromJson(*type_json, depth));
  }
  return arrow::field(name->get<std::string>(), std::move(type), nullable, std::move(metadata));
}

Result<FieldPtr> ChildFromJson(const json& object, const char* key, int depth) {
  const json* child = Find(object, key);
  if (child == nullptr) return Damaged(std::string("a type lacks '") + key + "'");
  return FieldFromJson(*child, depth + 1);
}

Result<arrow::FieldVector> ChildrenFromJson(const json& object, int depth) {
  const json* children = Find(object, "fields");
  if (children == nullptr || !children->is_array()) return Damaged("'fields' is no list");
  if (children->size() > static_cast<size_t>(kColumnsMax)) return Damaged("too many 'fields'");
  arrow::FieldVector fields;
  fields.reserve(children->size());
  for (const auto& child : *children) {
    auto field = FieldFromJson(child, depth + 1);
    if (!field && depth == 0) {
      return Damaged("column " + std::to_string(fields.size() + 1) + ": " + field.error().message);
    }
    if (!field) return std::move(field).error();
    fields.push_back(std::move(field).value());
  }
  return fields;
}

/// What a checking constructor of Arrow says.
Result<TypePtr> Checked(arrow::Result<TypePtr> type) {
  if (type.ok()) return std::move(type).ValueUnsafe();
  const auto& why = type.status().message();
  const bool shown = why.size() <= 200 && !HasControl(why);
  return Damaged("a type can't be as it is described" + (shown ? ": " + why : ""));
}

Result<arrow::TimeUnit::type> UnitFromJson(const json& object) {
  CORESHED_ASSIGN(const auto name, TextFromJson(Find(object, "unit"), "'unit'"));
  const auto found = std::find(kUnits.begin(), kUnits.end(), name);
  if (found == kUnits.end()) return Damaged(Shown(name) + " is no unit of time");
  return static_cast<arrow::TimeUnit::type>(found - kUnits.begin());
}

Result<TypePtr> TimeFromJson(Type::type id, const json& object) {
  CORESHED_ASSIGN(const auto unit, UnitFromJson(object));
  const bool coarse = unit == arrow::TimeUnit::SECOND || unit == arrow::TimeUnit::MILLI;
  if ((id == Type::TIME32 && !coarse) || (id == Type::TIME64 && coarse)) {
    return Damaged("a time of day has a unit of another width");
  }
  switch (id) {
    case Type::TIME32:
      return arrow::time32(unit);
    case Type::TIME64:
      return arrow::time64(unit);
    case Type::DURATION:
      return arrow::duration(unit);
    default:
      break;
  }
  std::string zone;
  if (const json* stored = Find(object, "zone")) {
    CORESHED_ASSIGN(zone, TextFromJson(stored, "'zone'"));
  }
  return arrow::timestamp(unit, zone);
}

Result<TypePtr> DecimalFromJson(Type::type id, const json& object) {
  CORESHED_ASSIGN(const auto precision, NumberFromJson(object, "precision", 1, 76));
  CORESHED_ASSIGN(const auto scale, NumberFromJson(object, "scale", -76, 76));
  return Checked(arrow::DecimalType::Make(id, precision, scale));
}

Result<TypePtr> EncodedFromJson(Type::type id, const json& object, int depth) {
  const json* index_json = Find(object, "index");
  const json* values_json = Find(object, "values");
  if (index_json == nullptr || values_json == nullptr) {
    return Damaged("an encoded type lacks 'index' or 'values'");
  }
  CORESHED_ASSIGN(const auto index, TypeFromJson(*index_json, depth + 1));
  CORESHED_ASSIGN(const auto values, TypeFromJson(*values_json, depth + 1));
  if (id == Type::DICTIONARY) {
    CORESHED_ASSIGN(const bool ordered, FlagFromJson(object, "ordered", false));
    return Checked(arrow::DictionaryType::Make(index, values, ordered));
  }
  if (!arrow::RunEndEncodedType::RunEndTypeValid(*index)) {
    return Damaged("run ends can't be of the type they have");
  }
  return arrow::run_end_encoded(index, values);
}

Result<TypePtr> UnionFromJson(Type::type id, const json& object, int depth) {
  CORESHED_ASSIGN(auto fields, ChildrenFromJson(object, depth));
  const json* codes_json = Find(object, "codes");
  if (codes_json == nullptr || !codes_json->is_array()) return Damaged("'codes' is no list");
  std::vector<int8_t> codes;
  for (const auto& code : *codes_json) {
    const bool fits = code.is_number_unsigned() && code.get<uint64_t>() <= 127;
    if (!fits) return Damaged("a code of a union isn't from 0 to 127");
    codes.push_back(code.get<int8_t>());
  }
  return Checked(id == Type::SPARSE_UNION
                     ? arrow::SparseUnionType::Make(std::move(fields), std::move(codes))
                     : arrow::DenseUnionType::Make(std::move(fields), std::move(codes)));
}

Result<TypePtr> MapFromJson(const json& object, int depth) {
  CORESHED_ASSIGN(auto entries, ChildFromJson(object, "entries", depth));
  CORESHED_ASSIGN(const bool sorted, FlagFromJson(object, "sorted", false));
  const auto& type = *entries->type();
  if (type.id() != Type::STRUCT || type.num_fields() != 2 || entries->nullable() ||
      type.field(0)->nullable()) {
    return Damaged("the entries of a map are no pairs");
  }
  return Checked(arrow::MapType::Make(std::move(entries), sorted));
}

Result<TypePtr> ListFromJson(Type::type id, const json& object, int depth) {
  CORESHED_ASSIGN(auto item, ChildFromJson(object, "item", depth));
  switch (id) {
    case Type::LIST:
      return arrow::list(std::move(item));
    case Type::LARGE_LIST:
      return arrow::large_list(std::move(item));
    case Type::LIST_VIEW:
      return arrow::list_view(std::move(item));
    case Type::LARGE_LIST_VIEW:
      return arrow::large_list_view(std::move(item));
    default:
      break;
  }
  constexpr auto kMax = std::numeric_limits<int32_t>::max();
  CORESHED_ASSIGN(const auto size, NumberFromJson(object, "size", 0, kMax));
  return arrow::fixed_size_list(std::move(item), size);
}

Result<TypePtr> KindFromJson(Type::type id, const json& object, int depth) {
  switch (id) {
    case Type::FIXED_SIZE_BINARY: {
      constexpr auto kMax = std::numeric_limits<int32_t>::max();
      CORESHED_ASSIGN(const auto width, NumberFromJson(object, "width", 0, kMax));
      return Checked(arrow::FixedSizeBinaryType::Make(width));
    }
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::DECIMAL128:
    case Type::DECIMAL256:
      return DecimalFromJson(id, object);
    case Type::TIME32:
    case Type::TIME64:
    case Type::TIMESTAMP:
    case Type::DURATION:
      return TimeFromJson(id, object);
    case Type::DICTIONARY:
    case Type::RUN_END_ENCODED:
      return EncodedFromJson(id, object, depth);
    case Type::SPARSE_UNION:
    case Type::DENSE_UNION:
      return UnionFromJson(id, object, depth);
    case Type::MAP:
      return MapFromJson(object, depth);
    case Type::STRUCT: {
      CORESHED_ASSIGN(auto fields, ChildrenFromJson(object, depth));
      return arrow::struct_(fields);
    }
    default:
      return ListFromJson(id, object, depth);
  }
}

Result<TypePtr> TypeFromJson(const json& value, int depth) {
  if (depth > kTypeDepthMax) return Damaged("its type is nested too deeply");
  const json* name_json = value.is_string() ? &value : Find(value, "kind");
  if (name_json == nullptr || !name_json->is_string()) return Damaged("a type has no name");
  const auto& name = name_json->get_ref<const std::string&>();
  if (value.is_string()) {
    for (const auto& simple : kSimpleTypes) {
      if (simple.name == name) return simple.make();
    }
  } else if (name == kExtension) {
    CORESHED_ASSIGN(auto extension, ExtensionFromJson(value, depth));
    return extension.type != nullptr ? extension.type : extension.storage;
  } else {
    for (const auto& [kind, id] : kKinds) {
      if (kind == name) return KindFromJson(id, value, depth);
    }
  }
  return Damaged("type " + Shown(name) + " is unknown");
}

Result<std::shared_ptr<arrow::Schema>> Build(const json& value) {
  CORESHED_ASSIGN(auto fields, ChildrenFromJson(value, 0));
  CORESHED_ASSIGN(auto metadata, MetadataFromJson(value));
  return arrow::schema(std::move(fields), std::move(metadata));
}

}  // namespace

Result<std::shared_ptr<arrow::Schema>> SchemaFromJson(const json& value) {
  auto schema = Build(value);
  if (schema) {
    auto names = CheckNames(**schema);
    if (names) return schema;
    schema = std::move(names).error();
  }
  return Damaged("A stored schema is damaged: " + schema.error().message +
                 (schema.error().message.ends_with('.') ? "" : "."));
}

}  // namespace coreshed::table
