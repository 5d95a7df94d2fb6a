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
  const std::string* key;
  std::string names;
  const std::string* text;
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

/// The smallest difference of `own` from one of `wholes`; empty: none is small enough.
std::string LeastDifference(const Whole& own, const std::vector<Whole>& wholes) {
  std::string difference;
  size_t least = own.text->size() / kWorth;
  for (const auto& whole : wholes) {
    if (whole.names != own.names) continue;
    const auto edits = EditsBetween(*whole.text, *own.text);
    if (SizeOf(edits) >= least) continue;
    least = SizeOf(edits);
    difference = CanonicalJson(DifferenceToJson(*whole.key, edits));
  }
  return difference;
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

  Result<table::StoredSchema> WriteOut(const std::string& key, const json& difference,
                                       const std::string& where) {
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
    CORESHED_ASSIGN(auto parsed, ParseJson(*edited, fields.where()));
    table::StoredSchema schema(std::move(parsed));
    if (schema.key() == key) return schema;
    fields.Fail("its edits lead to another schema");
    return fields.error();
  }

 private:
  const json& stored_;
  std::map<std::string, std::string> texts_;  ///< of those that others are like
  size_t bytes_ = 0;
};

}  // namespace

std::string SchemasText(const table::StoredSchemas& schemas) {
  std::string text = "{";
  std::vector<Whole> wholes;
  size_t written_out = 0;
  for (const auto& [key, schema] : schemas) {
    text += (text.size() > 1 ? ",\"" : "\"") + key + "\":";
    // Names matter only where there is another one to compare with.
    Whole own{&key, schemas.size() > 1 ? ColumnNames(schema.json()) : "", &schema.text()};
    const bool may_differ = written_out + own.text->size() <= kWrittenOutMax;
    const std::string difference = may_differ ? LeastDifference(own, wholes) : "";
    if (difference.empty()) {
      text += *own.text;
      wholes.push_back(std::move(own));
    } else {
      text += difference;
      written_out += own.text->size();
    }
  }
  return text + "}";
}

Result<table::StoredSchemas> SchemasFromJson(const json& stored, const std::string& where) {
  table::StoredSchemas schemas;
  Differences differences(stored);
  for (const auto& [key, schema] : stored.items()) {
    if (schema.is_object() && schema.contains("like")) {
      CORESHED_ASSIGN(auto whole, differences.WriteOut(key, schema, where));
      schemas.emplace(key, std::move(whole));
    } else {
      schemas.emplace(key, schema);
    }
  }
  return schemas;
}

}  // namespace coreshed::commit
