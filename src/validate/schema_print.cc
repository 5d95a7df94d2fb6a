#include <arrow/type.h>
#include <arrow/type_traits.h>
#include <coreshed/content.h>
#include <coreshed/validation.h>

#include <string>
#include <vector>

#include "base/canonical_json.h"
#include "validate/column_index.h"

namespace coreshed {
namespace {

std::string Quoted(const std::string& text) {
  return CanonicalJson(text);
}

/// Members of an object, one after the other.
class Members {
 public:
  void Add(const char* key, const std::string& json) {
    all_ += (all_.empty() ? "\"" : ",\"") + std::string(key) + "\":" + json;
  }
  std::string Get() const { return "{" + all_ + "}"; }

 private:
  std::string all_;
};

/// A value as JSON: the texts of numbers are JSON's own. What a program put in their place is a
/// text, and is refused when it is read.
std::string ValueJson(bool are_numbers, const std::string& text) {
  const bool is_number = are_numbers && text.find_first_not_of("+-.eE0123456789") == text.npos &&
                         nlohmann::json::accept(text);
  return is_number ? text : Quoted(text);
}

std::string ReferenceJson(const validate::ColumnIndex& index, const std::string& table,
                          const ColumnRef& ref) {
  const std::string text = ref.table.empty() ? ref.column : ref.table + "." + ref.column;
  if (index.Meant(table, text) == std::vector{ref}) return Quoted(text);
  Members members;
  members.Add("table", Quoted(ref.table));
  members.Add("column", Quoted(ref.column));
  return members.Get();
}

std::string ColumnJson(const validate::ColumnIndex& index, const std::string& table,
                       const ColumnRule& column) {
  const auto type = TypeNamed(column.type);
  const bool are_numbers =
      type && (arrow::is_integer((*type)->id()) || arrow::is_floating((*type)->id()));
  Members members;
  members.Add("name", Quoted(column.name));
  members.Add("type", Quoted(column.type));
  if (!column.nullable && !column.key) members.Add("nullable", "false");
  if (column.key) members.Add("key", "true");
  if (column.unique) members.Add("unique", "true");
  if (column.min) members.Add("min", ValueJson(are_numbers, *column.min));
  if (column.max) members.Add("max", ValueJson(are_numbers, *column.max));
  if (!column.allowed.empty()) {
    std::string values;
    for (const auto& value : column.allowed)
      values += (values.empty() ? "" : ",") + ValueJson(are_numbers, value);
    members.Add("allowed", "[" + values + "]");
  }
  if (column.pattern) members.Add("pattern", Quoted(*column.pattern));
  if (column.references) {
    members.Add("references", ReferenceJson(index, table, *column.references));
  }
  if (!column.description.empty()) members.Add("description", Quoted(column.description));
  return members.Get();
}

}  // namespace

std::string SchemaToJson(const SchemaDefinition& schema) {
  const validate::ColumnIndex index(schema);
  std::string json = "{\n";
  if (!schema.description.empty())
    json += "  \"description\": " + Quoted(schema.description) + ",\n";
  json += "  \"tables\": [";
  const char* before_table = "\n";
  for (const auto& table : schema.tables) {
    json += before_table + std::string("    {\n");
    if (!table.name.empty()) json += "      \"name\": " + Quoted(table.name) + ",\n";
    if (!table.description.empty())
      json += "      \"description\": " + Quoted(table.description) + ",\n";
    json += "      \"columns\": [";
    const char* before_column = "\n";
    for (const auto& column : table.columns) {
      json += before_column + ("        " + ColumnJson(index, table.name, column));
      before_column = ",\n";
    }
    json += "\n      ]\n    }";
    before_table = ",\n";
  }
  return json + "\n  ]\n}\n";
}

}  // namespace coreshed
