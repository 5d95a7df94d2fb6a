#include "commit/schemas.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/canonical_json.h"
#include "base/result.h"
#include "base/text_edits.h"
#include "commit/fields.h"
#include "table/stored_schema.h"

namespace coreshed::commit {
namespace {

using nlohmann::json;
using Edits = std::vector<TextEdit>;

/// Written out, schemas that are stored as differences have at most so many bytes together, so that
/// no metadata can ask for memory without bound.
constexpr size_t kWrittenOutMax = size_t{16} << 20;

/// A difference is to be so many times smaller than the schema. Less would not do: all the schemas
/// that follow are compared with those that are written out.
constexpr size_t kWorth = 8;

/// A schema that stands written out.
struct Whole {
  std::string key, names, text;
};

/// Only schemas of the same columns are compared: those of different tables look alike as texts.
std::string ColumnNames(const json& schema) {
  auto names = json::array();
  if (const auto fields = schema.find("fields"); fields != schema.end()) {
    for (const auto& field : *fields)
      names.push_back(field.is_object() && field.contains("name") ? field["name"] : json());
  }
  return CanonicalJson(names);
}

json DifferenceToJson(const std::string& like, const Edits& edits) {
  auto list = json::array();
  for (const auto& edit : edits)
    list.push_back({edit.at, edit.drop, edit.put});
  return {{"like", like}, {"edits", std::move(list)}};
}

/// Bytes that a difference takes, nearly.
size_t SizeOf(const Edits& edits) {
  size_t size = 50;
  for (const auto& edit : edits)
    size += 20 + edit.put.size();
  return size;
}

bool IsPlace(const json& number) {
  return number.is_number_integer() && number.get<int64_t>() >= 0;
}

bool IsEdit(const json& edit) {
  return edit.is_array() && edit.size() == 3 && IsPlace(edit[0]) && IsPlace(edit[1]) &&
         edit[2].is_string();
}

Result<Edits> EditsFromJson(const json& stored, Fields& fields) {
  Edits edits;
  for (const auto& edit : stored) {
    if (IsEdit(edit)) {
      edits.push_back({edit[0].get<size_t>(), edit[1].get<size_t>(), edit[2].get<std::string>()});
    } else {
      fields.Fail("an edit is none");
    }
  }
  if (!fields.ok()) return fields.error();
  return edits;
}

/// Reads differences from schemas that stand written out in `stored`.
class Differences {
 public:
  explicit Differences(const json& stored) : stored_(stored) {}

  Result<json> WriteOut(const std::string& key, const json& difference, const std::string& where) {
    Fields fields(difference, where + ", schema " + key);
    const std::string like = fields.Text("like");
    const auto whole = stored_.find(like);
    if (fields.ok() && (whole == stored_.end() || whole->contains("like"))) {
      fields.Fail("the schema that it is like is missing");
    }
    CORESHED_ASSIGN(const auto edits, EditsFromJson(fields.Array("edits"), fields));
    auto& text = texts_[like];
    if (text.empty()) text = CanonicalJson(*whole);
    const auto edited = ApplyEdits(text, edits);
    if (!edited) fields.Fail("its edits lie outside the schema that it is like");
    bytes_ += edited ? edited->size() : 0;
    if (bytes_ > kWrittenOutMax) fields.Fail("schemas as differences of more than 16 MiB");
    if (!fields.ok()) return fields.error();
    CORESHED_ASSIGN(auto schema, ParseJson(*edited, fields.where()));
    if (table::SchemaKey(schema) == key) return schema;
    fields.Fail("its edits lead to another schema");
    return fields.error();
  }

 private:
  const json& stored_;
  std::map<std::string, std::string> texts_;  ///< of those that others are like
  size_t bytes_ = 0;
};

}  // namespace

json SchemasToJson(const std::map<std::string, json>& schemas) {
  if (schemas.size() < 2) return schemas;
  auto stored = json::object();
  std::vector<Whole> wholes;
  size_t written_out = 0;
  for (const auto& [key, schema] : schemas) {
    Whole own{key, ColumnNames(schema), CanonicalJson(schema)};
    size_t least = own.text.size() / kWorth;
    for (const auto& whole : wholes) {
      if (whole.names != own.names || written_out + own.text.size() > kWrittenOutMax) continue;
      const auto edits = EditsBetween(whole.text, own.text);
      if (SizeOf(edits) >= least) continue;
      least = SizeOf(edits);
      stored[key] = DifferenceToJson(whole.key, edits);
    }
    if (stored.contains(key)) {
      written_out += own.text.size();
    } else {
      stored[key] = schema;
      wholes.push_back(std::move(own));
    }
  }
  return stored;
}

Result<std::map<std::string, json>> SchemasFromJson(const json& stored, const std::string& where) {
  std::map<std::string, json> schemas;
  Differences differences(stored);
  for (const auto& [key, schema] : stored.items()) {
    if (schema.is_object() && schema.contains("like")) {
      CORESHED_ASSIGN(schemas[key], differences.WriteOut(key, schema, where));
    } else {
      schemas[key] = schema;
    }
  }
  return schemas;
}

}  // namespace coreshed::commit
