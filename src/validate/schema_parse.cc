#include <arrow/type.h>
#include <coreshed/content.h>
#include <coreshed/validation.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "table/check.h"
#include "table/logical_type.h"
#include "table/type_name.h"
#include "validate/column_index.h"
#include "validate/json_tree.h"
#include "validate/schema_faults.h"
#include "validate/schema_values.h"

namespace coreshed {
namespace {

using validate::JsonNode;
using validate::SchemaFaults;
using Kind = JsonNode::Kind;

constexpr size_t kTablesMax = 1'000;
constexpr size_t kAllowedMax = 100'000;
constexpr size_t kTextBytesMax = 10'000;

constexpr std::array<std::string_view, 2> kSchemaKeys = {"description", "tables"};
constexpr std::array<std::string_view, 3> kTableKeys = {"name", "description", "columns"};
constexpr std::array<std::string_view, 11> kColumnKeys = {
    "name", "type",    "nullable", "key",        "unique",     "min",
    "max",  "allowed", "pattern",  "references", "description"};
constexpr std::array<std::string_view, 2> kReferenceKeys = {"table", "column"};

const JsonNode* Member(const JsonNode& object, std::string_view key) {
  const auto found = std::find(object.keys.begin(), object.keys.end(), key);
  if (found == object.keys.end()) return nullptr;
  return &object.items[static_cast<size_t>(found - object.keys.begin())];
}

/// Reads a schema from what was written; what is wrong is noted, and reading goes on.
class SchemaReader {
 public:
  Result<SchemaDefinition> Read(const JsonNode& root);

 private:
  bool CheckKeys(const JsonNode& node, const std::string& place,
                 std::span<const std::string_view> possible);
  std::string Text(const JsonNode& object, const std::string& place, std::string_view key,
                   bool is_needed, size_t bytes_max);
  bool Flag(const JsonNode& object, const std::string& place, std::string_view key, bool absent);
  const std::vector<JsonNode>* List(const JsonNode& object, const std::string& place,
                                    std::string_view key);

  void ReadTable(const JsonNode& node, const std::string& place, TableRule* table);
  void ReadColumn(const JsonNode& node, const std::string& place, ColumnRule* column);
  std::shared_ptr<arrow::DataType> ReadType(const std::string& place, const std::string& name);
  void ReadBounds(const JsonNode& node, const std::string& place,
                  const std::shared_ptr<arrow::DataType>& type, ColumnRule* column);
  void ReadAllowed(const JsonNode& node, const std::string& place,
                   const std::shared_ptr<arrow::DataType>& type, ColumnRule* column);
  void ReadPattern(const JsonNode& node, const std::string& place, const arrow::DataType& type,
                   ColumnRule* column);
  void ReadReference(const JsonNode& node, const std::string& place, ColumnRule* column);
  void CheckComparable(const JsonNode& node, const std::string& place, const arrow::DataType& type,
                       const ColumnRule& column);

  void CheckTables();
  void ResolveReferences();

  SchemaDefinition schema_;
  SchemaFaults faults_;
  size_t columns_ = 0;
  /// References as texts, to be resolved when all tables are known, by table and column.
  std::map<std::pair<size_t, size_t>, std::string> reference_texts_;
};

bool SchemaReader::CheckKeys(const JsonNode& node, const std::string& place,
                             std::span<const std::string_view> possible) {
  if (node.kind != Kind::kObject) {
    faults_.Add(place, "is no object in braces");
    return false;
  }
  std::vector<std::string> names(possible.begin(), possible.end());
  std::set<std::string_view> seen;
  for (const auto& key : node.keys) {
    const std::string at = SchemaFaults::Place(place, key);
    if (std::find(possible.begin(), possible.end(), key) == possible.end()) {
      faults_.Add(at, "there is no such key; possible are " + Joined(names, names.size()));
    } else if (!seen.insert(key).second) {
      faults_.Add(at, "stands there twice");
    }
  }
  return true;
}

std::string SchemaReader::Text(const JsonNode& object, const std::string& place,
                               std::string_view key, bool is_needed, size_t bytes_max) {
  const auto* node = Member(object, key);
  const std::string at = SchemaFaults::Place(place, key);
  if (node == nullptr) {
    if (is_needed) faults_.Add(at, "is missing");
    return "";
  }
  if (node->kind != Kind::kText) {
    faults_.Add(at, "is no text");
  } else if (node->text.size() > bytes_max) {
    faults_.Add(at, "is longer than " + std::to_string(bytes_max) + " bytes");
  } else if (is_needed && node->text.empty()) {
    faults_.Add(at, "is empty");
  }
  return node->text;
}

bool SchemaReader::Flag(const JsonNode& object, const std::string& place, std::string_view key,
                        bool absent) {
  const auto* node = Member(object, key);
  if (node == nullptr) return absent;
  if (node->kind != Kind::kBool) {
    faults_.Add(SchemaFaults::Place(place, key), "is neither true nor false");
  }
  return node->is_true;
}

/// Null, and a fault: there is none, or it is empty.
const std::vector<JsonNode>* SchemaReader::List(const JsonNode& object, const std::string& place,
                                                std::string_view key) {
  const auto* node = Member(object, key);
  const std::string at = SchemaFaults::Place(place, key);
  if (node != nullptr && node->kind == Kind::kList && !node->items.empty()) return &node->items;
  faults_.Add(at, node == nullptr             ? "is missing"
                  : node->kind != Kind::kList ? "is no list in brackets"
                                              : "is empty");
  return nullptr;
}

Result<SchemaDefinition> SchemaReader::Read(const JsonNode& root) {
  if (CheckKeys(root, "", kSchemaKeys)) {
    schema_.description = Text(root, "", "description", false, kTextBytesMax);
    const auto* tables = List(root, "", "tables");
    if (tables != nullptr && tables->size() > kTablesMax) {
      faults_.Add("tables", "there are more than " + std::to_string(kTablesMax));
    } else if (tables != nullptr) {
      for (size_t i = 0; i < tables->size(); ++i) {
        auto& table = schema_.tables.emplace_back();
        ReadTable((*tables)[i], "tables[" + std::to_string(i) + "]", &table);
      }
      CheckTables();
      ResolveReferences();
    }
  }
  CORESHED_TRY(faults_.Get());
  return std::move(schema_);
}

void SchemaReader::ReadTable(const JsonNode& node, const std::string& place, TableRule* table) {
  if (!CheckKeys(node, place, kTableKeys)) return;
  table->name = Text(node, place, "name", false, kTextBytesMax);
  if (Member(node, "name") != nullptr) {
    if (const auto named = table::CheckTableName(table->name); !named) {
      faults_.Add(SchemaFaults::Place(place, "name"), named.error().message);
    }
  }
  table->description = Text(node, place, "description", false, kTextBytesMax);
  const auto* columns = List(node, place, "columns");
  if (columns == nullptr) return;
  columns_ += columns->size();
  if (columns_ > static_cast<size_t>(table::kColumnsMax)) {
    faults_.Add(SchemaFaults::Place(place, "columns"),
                "with these there are more than " + std::to_string(table::kColumnsMax));
    return;
  }
  for (size_t i = 0; i < columns->size(); ++i) {
    auto& column = table->columns.emplace_back();
    ReadColumn((*columns)[i], place + ".columns[" + std::to_string(i) + "]", &column);
    const auto* reference = Member((*columns)[i], "references");
    if (reference != nullptr && reference->kind == Kind::kText) {
      reference_texts_[{schema_.tables.size() - 1, i}] = reference->text;
    }
  }
}

void SchemaReader::ReadColumn(const JsonNode& node, const std::string& place, ColumnRule* column) {
  if (!CheckKeys(node, place, kColumnKeys)) return;
  column->name = Text(node, place, "name", true, table::kColumnNameBytesMax);
  if (HasControl(column->name)) {
    faults_.Add(SchemaFaults::Place(place, "name"), "holds a control character");
  }
  column->type = Text(node, place, "type", true, kTextBytesMax);
  column->description = Text(node, place, "description", false, kTextBytesMax);
  column->key = Flag(node, place, "key", false);
  column->nullable = Flag(node, place, "nullable", !column->key);
  if (column->key && column->nullable) {
    faults_.Add(SchemaFaults::Place(place, "nullable"), "a column of the key can't be null");
  }
  column->unique = Flag(node, place, "unique", false);
  ReadReference(node, place, column);
  const auto type = ReadType(place, column->type);
  if (type == nullptr) return;
  // One spelling: "UTC" needs no quotes.
  if (const auto known = TypeNamed(column->type)) {
    if (auto spelled = table::LogicalType(**known)) column->type = std::move(*spelled);
  }
  ReadBounds(node, place, type, column);
  ReadAllowed(node, place, type, column);
  ReadPattern(node, place, *type, column);
  CheckComparable(node, place, *type, *column);
}

/// An extension, which only its library makes, as the null type: nothing more can be said of it.
std::shared_ptr<arrow::DataType> SchemaReader::ReadType(const std::string& place,
                                                        const std::string& name) {
  if (name.empty()) return nullptr;  // said already
  auto type = TypeNamed(name);
  if (type) return *type;
  const auto parsed = table::ParseTypeName(name);
  if (parsed && name.find("extension(") != name.npos) return arrow::null();
  faults_.Add(SchemaFaults::Place(place, "type"), type.error().message);
  return nullptr;
}

void SchemaReader::ReadBounds(const JsonNode& node, const std::string& place,
                              const std::shared_ptr<arrow::DataType>& type, ColumnRule* column) {
  for (const char* key : {"min", "max"}) {
    const auto* bound = Member(node, key);
    if (bound == nullptr) continue;
    const std::string at = SchemaFaults::Place(place, key);
    if (!validate::HasOrder(*type)) {
      faults_.Add(at, "values of type " + column->type +
                          " have no bounds; numbers, dates, times "
                          "and timestamps do");
      continue;
    }
    auto value = validate::SchemaValue(type, *bound);
    if (!value) faults_.Add(at, "is no value of type " + column->type);
    (key == std::string_view("min") ? column->min : column->max) = std::move(value);
  }
  if (!column->min || !column->max) return;
  const auto min = validate::ValuesOf(type, {*column->min});
  const auto max = validate::ValuesOf(type, {*column->max});
  const auto crossed = min && max ? validate::IsGreater(*min, *max) : Result<bool>(true);
  if (!crossed || *crossed) faults_.Add(SchemaFaults::Place(place, "min"), "is above max");
}

void SchemaReader::ReadAllowed(const JsonNode& node, const std::string& place,
                               const std::shared_ptr<arrow::DataType>& type, ColumnRule* column) {
  if (Member(node, "allowed") == nullptr) return;
  const std::string at = SchemaFaults::Place(place, "allowed");
  const auto* values = List(node, place, "allowed");
  if (values == nullptr) return;
  if (!validate::HasWords(*type)) {
    faults_.Add(at, "values of type " + column->type + " can't be listed");
    return;
  }
  if (values->size() > kAllowedMax) {
    faults_.Add(at, "there are more than " + std::to_string(kAllowedMax));
    return;
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < values->size(); ++i) {
    const std::string here = at + "[" + std::to_string(i) + "]";
    auto value = validate::SchemaValue(type, (*values)[i]);
    if (!value) {
      const bool is_null = (*values)[i].kind == Kind::kNull;
      faults_.Add(
          here, is_null ? "null is no value: say nullable" : "is no value of type " + column->type);
    } else if (!seen.insert(*value).second) {
      faults_.Add(here, "stands there twice");
    } else {
      column->allowed.push_back(std::move(*value));
    }
  }
}

void SchemaReader::ReadPattern(const JsonNode& node, const std::string& place,
                               const arrow::DataType& type, ColumnRule* column) {
  if (Member(node, "pattern") == nullptr) return;
  const std::string at = SchemaFaults::Place(place, "pattern");
  const std::string pattern = Text(node, place, "pattern", false, kTextBytesMax);
  if (pattern.size() > kTextBytesMax) return;
  if (type.id() != arrow::Type::STRING) {
    faults_.Add(at, "only a column of type string has a pattern");
  } else if (const auto whole = validate::WholePattern(pattern); !whole) {
    faults_.Add(at, "is no regular expression: " + whole.error().message);
  }
  column->pattern = pattern;
}

void SchemaReader::ReadReference(const JsonNode& node, const std::string& place,
                                 ColumnRule* column) {
  const auto* reference = Member(node, "references");
  if (reference == nullptr) return;
  const std::string at = SchemaFaults::Place(place, "references");
  if (reference->kind == Kind::kText) return;  // resolved when all tables are known
  if (!CheckKeys(*reference, at, kReferenceKeys)) return;
  ColumnRef ref;
  ref.table = Text(*reference, at, "table", false, kTextBytesMax);
  ref.column = Text(*reference, at, "column", true, kTextBytesMax);
  column->references = std::move(ref);
}

void SchemaReader::CheckComparable(const JsonNode& node, const std::string& place,
                                   const arrow::DataType& type, const ColumnRule& column) {
  const bool is_compared = column.key || column.unique || Member(node, "references") != nullptr;
  if (!is_compared || validate::IsComparable(type)) return;
  faults_.Add(place, "values of type " + column.type +
                         " can't be compared, as key, unique and references need it");
}

void SchemaReader::CheckTables() {
  std::set<std::string_view> tables;
  for (size_t t = 0; t < schema_.tables.size(); ++t) {
    const auto& table = schema_.tables[t];
    const std::string place = "tables[" + std::to_string(t) + "]";
    if (table.name.empty() && schema_.tables.size() > 1) {
      faults_.Add(place + ".name", "is missing; only a single table needs none");
    }
    if (!tables.insert(table.name).second && !table.name.empty()) {
      faults_.Add(place + ".name", "there is another table called '" + table.name + "'");
    }
    std::set<std::string_view> names;
    for (size_t c = 0; c < table.columns.size(); ++c) {
      const auto& column = table.columns[c];
      if (names.insert(column.name).second || column.name.empty()) continue;
      faults_.Add(place + ".columns[" + std::to_string(c) + "].name",
                  "there is another column called '" + column.name + "'");
    }
  }
}

void SchemaReader::ResolveReferences() {
  const validate::ColumnIndex index(schema_);
  for (const auto& [at, text] : reference_texts_) {
    auto& column = schema_.tables[at.first].columns[at.second];
    const auto meant = index.Meant(schema_.tables[at.first].name, text);
    const std::string place = "tables[" + std::to_string(at.first) + "].columns[" +
                              std::to_string(at.second) + "].references";
    if (meant.size() > 1) {
      faults_.Add(place, "'" + text +
                             "' can be several columns: write it as {\"table\": …, "
                             "\"column\": …}");
    } else if (meant.empty()) {
      faults_.Add(place, "'" + text + "' is no column of this schema; write table.column");
    } else {
      column.references = meant[0];
    }
  }
  for (size_t t = 0; t < schema_.tables.size(); ++t) {
    for (size_t c = 0; c < schema_.tables[t].columns.size(); ++c) {
      const auto& column = schema_.tables[t].columns[c];
      if (!column.references) continue;
      const auto* other = index.Find(*column.references);
      const std::string place =
          "tables[" + std::to_string(t) + "].columns[" + std::to_string(c) + "].references";
      if (other == nullptr) {
        faults_.Add(place, "there is no such column in this schema");
      } else if (other->type != column.type) {
        faults_.Add(place, "'" + other->name + "' has type " + other->type + ", this column " +
                               column.type + ": make them the same");
      }
    }
  }
}

}  // namespace

Result<SchemaDefinition> ParseSchema(std::string_view json) {
  CORESHED_ASSIGN(const auto root, validate::ReadJsonTree(json, "The schema"));
  return SchemaReader().Read(root);
}

}  // namespace coreshed
