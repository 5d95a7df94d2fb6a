#include "parts/footer.h"

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <arrow/util/key_value_metadata.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "base/arrow_error.h"
#include "base/canonical_json.h"
#include "base/result.h"
#include "parts/types.h"

namespace coreshed::parts {
namespace {

constexpr const char* kNote =
    "A file of a Coreshed store. It may hold only some of the rows of a version, and rows of "
    "others: "
    "metadata.json of the record says which row groups of which files make up which version.";

constexpr std::string_view kReserved[] = {kPartsKey, kColumnsKey, kNoteKey, kSchemaKey};

std::string EncodeBase64(const void* data, size_t size) {
  return arrow::util::base64_encode(std::string_view(static_cast<const char*>(data), size));
}

Error Damaged(const std::string& what) {
  return Error{ErrorKind::kCorruption, "its metadata '" + what + "' are missing or damaged"};
}

Result<std::vector<Hash256>> ParseColumns(const arrow::KeyValueMetadata& metadata, size_t parts) {
  const int index = metadata.FindKey(kColumnsKey);
  if (index < 0) return Damaged(kColumnsKey);
  const auto decoded = arrow::util::base64_decode(metadata.value(index));
  if (!decoded.ok()) return Damaged(kColumnsKey);
  if (parts == 0 || decoded->size() % (parts * sizeof(Hash256)) != 0) return Damaged(kColumnsKey);
  std::vector<Hash256> hashes(decoded->size() / sizeof(Hash256));
  std::memcpy(hashes.data(), decoded->data(), decoded->size());
  return hashes;
}

/// Arrow reads no dictionaries within lists and structs: values stand in their place.
std::shared_ptr<arrow::Schema> WithReadableTypes(const arrow::Schema& schema) {
  arrow::FieldVector fields;
  for (const auto& field : schema.fields()) {
    const bool is_nested = field->type()->num_fields() > 0;
    fields.push_back(is_nested ? field->WithType(ExpandedType(field->type())) : field);
  }
  return arrow::schema(std::move(fields), schema.metadata());
}

}  // namespace

Result<std::shared_ptr<arrow::KeyValueMetadata>> MakeFooter(const arrow::Schema& schema,
                                                            const std::vector<PartEntry>& parts) {
  auto footer = std::make_shared<arrow::KeyValueMetadata>();
  if (schema.metadata() != nullptr) {
    for (int64_t i = 0; i < schema.metadata()->size(); ++i) {
      const auto& key = schema.metadata()->key(i);
      if (std::find(std::begin(kReserved), std::end(kReserved), key) != std::end(kReserved))
        continue;
      footer->Append(key, schema.metadata()->value(i));
    }
  }
  CORESHED_ARROW_ASSIGN(const auto serialized,
                        arrow::ipc::SerializeSchema(*WithReadableTypes(schema)),
                        "storing the schema");
  footer->Append(kSchemaKey,
                 EncodeBase64(serialized->data(), static_cast<size_t>(serialized->size())));
  std::string rows = "[", hashes = "[", sums = "[", columns;
  for (const auto& part : parts) {
    const char* comma = &part == parts.data() ? "" : ",";
    rows += comma + std::to_string(part.rows);
    hashes += comma + ('"' + ToHex(part.hash) + '"');
    sums += comma + ('"' + ToHex(part.sum) + '"');
    columns.append(reinterpret_cast<const char*>(part.columns.data()),
                   part.columns.size() * sizeof(Hash256));
  }
  footer->Append(kPartsKey,
                 "{\"hashes\":" + hashes + "],\"rows\":" + rows + "],\"sums\":" + sums + "]}");
  footer->Append(kColumnsKey, EncodeBase64(columns.data(), columns.size()));
  footer->Append(kNoteKey, kNote);
  return footer;
}

Result<std::vector<PartEntry>> ParseFooter(const arrow::KeyValueMetadata* metadata,
                                           bool with_columns) {
  const int index = metadata == nullptr ? -1 : metadata->FindKey(kPartsKey);
  if (index < 0) return Damaged(kPartsKey);
  CORESHED_ASSIGN(const auto json, ParseJson(metadata->value(index), "its metadata"));
  if (!json.is_object()) return Damaged(kPartsKey);
  const auto list = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_array() ? *found : nlohmann::json::array();
  };
  const auto hashes = list("hashes"), rows = list("rows"), sums = list("sums");
  if (rows.size() != hashes.size() || rows.size() != sums.size()) return Damaged(kPartsKey);
  std::vector<PartEntry> parts(rows.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!rows[i].is_number_integer() || !hashes[i].is_string() || !sums[i].is_string()) {
      return Damaged(kPartsKey);
    }
    parts[i].rows = rows[i].get<int64_t>();
    CORESHED_ASSIGN(parts[i].hash, ParseHash256(hashes[i].get_ref<const std::string&>()));
    CORESHED_ASSIGN(parts[i].sum, ParseSum128(sums[i].get_ref<const std::string&>()));
  }
  if (!with_columns || parts.empty()) return parts;
  CORESHED_ASSIGN(const auto columns, ParseColumns(*metadata, parts.size()));
  const size_t width = columns.size() / parts.size();
  for (size_t i = 0; i < parts.size(); ++i) {
    parts[i].columns.assign(columns.begin() + static_cast<int64_t>(i * width),
                            columns.begin() + static_cast<int64_t>((i + 1) * width));
    if (PartHash(parts[i].rows, parts[i].columns) != parts[i].hash) return Damaged(kColumnsKey);
  }
  return parts;
}

}  // namespace coreshed::parts
