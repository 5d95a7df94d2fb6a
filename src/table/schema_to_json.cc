#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <arrow/util/key_value_metadata.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/canonical_json.h"
#include "base/sha256.h"
#include "base/text.h"
#include "table/stored_schema.h"
#include "table/stored_types.h"

namespace coreshed::table {
namespace {

using arrow::DataType;
using arrow::Field;
using arrow::Type;
using nlohmann::json;

json TypeToJson(const DataType& type);

/// Text as it is; other bytes as {"base64": …}.
json TextToJson(const std::string& bytes) {
  if (IsUtf8(bytes)) return bytes;
  return {{"base64", arrow::util::base64_encode(bytes)}};
}

/// Pairs, since keys may come twice; sorted, since only the order of equal keys means anything to
/// Arrow.
json MetadataToJson(const arrow::KeyValueMetadata* metadata, bool of_extension) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (int64_t i = 0; metadata != nullptr && i < metadata->size(); ++i) {
    const auto& key = metadata->key(i);
    const bool noise = key == kParquetFieldId || key == kArrowSchema;
    const bool extension =
        key == arrow::kExtensionTypeKeyName || key == arrow::kExtensionMetadataKeyName;
    if (!noise && !(of_extension && extension)) pairs.emplace_back(key, metadata->value(i));
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  auto out = json::array();
  for (const auto& [key, value] : pairs) {
    out.push_back(json::array({TextToJson(key), TextToJson(value)}));
  }
  return out;
}

json ExtensionToJson(const std::string& name, const std::string& parameters,
                     const DataType& storage) {
  json out{{"kind", kExtension}, {"name", TextToJson(name)}, {"storage", TypeToJson(storage)}};
  if (!parameters.empty()) out["parameters"] = TextToJson(parameters);
  return out;
}

/// An extension type that this process doesn't know comes as its storage with two metadata entries.
const std::string* UnknownExtension(const Field& field, std::string* parameters) {
  if (field.type()->id() == Type::EXTENSION || !field.HasMetadata()) return nullptr;
  const auto& metadata = *field.metadata();
  const int name = metadata.FindKey(arrow::kExtensionTypeKeyName);
  const int found = metadata.FindKey(arrow::kExtensionMetadataKeyName);
  if (name >= 0 && found >= 0) *parameters = metadata.value(found);
  return name < 0 ? nullptr : &metadata.value(name);
}

json FieldToJson(const Field& field) {
  json out{{"name", field.name()}};
  if (!field.nullable()) out["nullable"] = false;
  std::string parameters;
  const std::string* extension = UnknownExtension(field, &parameters);
  out["type"] = extension != nullptr ? ExtensionToJson(*extension, parameters, *field.type())
                                     : TypeToJson(*field.type());
  const bool of_extension = extension != nullptr || field.type()->id() == Type::EXTENSION;
  auto metadata = MetadataToJson(field.metadata().get(), of_extension);
  if (!metadata.empty()) out["metadata"] = std::move(metadata);
  return out;
}

json FieldsToJson(const arrow::FieldVector& fields) {
  auto out = json::array();
  for (const auto& field : fields)
    out.push_back(FieldToJson(*field));
  return out;
}

std::string_view Unit(arrow::TimeUnit::type unit) {
  return kUnits[static_cast<size_t>(unit)];
}

template <typename Encoded>
void EncodedToJson(const DataType& index, const Encoded& type, json& out) {
  out["index"] = TypeToJson(index);
  out["values"] = TypeToJson(*type.value_type());
}

/// Types with numbers, units and texts in them.
void ParametersToJson(const DataType& type, json& out) {
  switch (type.id()) {
    case Type::FIXED_SIZE_BINARY:
      out["width"] = static_cast<const arrow::FixedSizeBinaryType&>(type).byte_width();
      return;
    case Type::TIME32:
    case Type::TIME64:
      out["unit"] = Unit(static_cast<const arrow::TimeType&>(type).unit());
      return;
    case Type::DURATION:
      out["unit"] = Unit(static_cast<const arrow::DurationType&>(type).unit());
      return;
    case Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
      out["unit"] = Unit(timestamp.unit());
      if (!timestamp.timezone().empty()) out["zone"] = TextToJson(timestamp.timezone());
      return;
    }
    default: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(type);
      out["precision"] = decimal.precision();
      out["scale"] = decimal.scale();
    }
  }
}

/// Types with types in them, then those without.
void KindToJson(const DataType& type, json& out) {
  switch (type.id()) {
    case Type::DICTIONARY: {
      const auto& dictionary = static_cast<const arrow::DictionaryType&>(type);
      EncodedToJson(*dictionary.index_type(), dictionary, out);
      if (dictionary.ordered()) out["ordered"] = true;
      return;
    }
    case Type::RUN_END_ENCODED: {
      const auto& runs = static_cast<const arrow::RunEndEncodedType&>(type);
      return EncodedToJson(*runs.run_end_type(), runs, out);
    }
    case Type::SPARSE_UNION:
    case Type::DENSE_UNION:
      out["codes"] = static_cast<const arrow::UnionType&>(type).type_codes();
      out["fields"] = FieldsToJson(type.fields());
      return;
    case Type::STRUCT:
      out["fields"] = FieldsToJson(type.fields());
      return;
    case Type::MAP:
      out["entries"] = FieldToJson(*type.field(0));
      if (static_cast<const arrow::MapType&>(type).keys_sorted()) out["sorted"] = true;
      return;
    case Type::FIXED_SIZE_LIST:
      out["size"] = static_cast<const arrow::FixedSizeListType&>(type).list_size();
      out["item"] = FieldToJson(*type.field(0));
      return;
    case Type::LIST:
    case Type::LARGE_LIST:
    case Type::LIST_VIEW:
    case Type::LARGE_LIST_VIEW:
      out["item"] = FieldToJson(*type.field(0));
      return;
    default:
      ParametersToJson(type, out);
  }
}

json TypeToJson(const DataType& type) {
  for (const auto& simple : kSimpleTypes) {
    if (simple.id == type.id()) return simple.name;
  }
  if (type.id() == Type::EXTENSION) {
    const auto& extension = static_cast<const arrow::ExtensionType&>(type);
    return ExtensionToJson(extension.extension_name(), extension.Serialize(),
                           *extension.storage_type());
  }
  json out = json::object();
  for (const auto& [name, id] : kKinds) {
    if (id == type.id()) out["kind"] = name;
  }
  KindToJson(type, out);
  return out;
}

}  // namespace

json SchemaToJson(const arrow::Schema& schema) {
  json out{{"fields", FieldsToJson(schema.fields())}};
  auto metadata = MetadataToJson(schema.metadata().get(), false);
  if (!metadata.empty()) out["metadata"] = std::move(metadata);
  return out;
}

}  // namespace coreshed::table
