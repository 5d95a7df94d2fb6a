#include "sources/wanted_types.h"

#include <arrow/type.h>
#include <coreshed/content.h>
#include <coreshed/validation.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/result.h"

namespace coreshed::sources {
namespace {

const TableRule* RuleOf(const SchemaDefinition& schema, const std::string& table, bool is_only) {
  if (is_only && schema.tables.size() == 1) return &schema.tables.front();
  const auto found = std::find_if(schema.tables.begin(), schema.tables.end(),
                                  [&](const TableRule& rule) { return rule.name == table; });
  return found == schema.tables.end() ? nullptr : &*found;
}

/// The fields of `like`, with those of `wished` in the places of their names.
std::shared_ptr<arrow::Schema> Over(const std::shared_ptr<arrow::Schema>& like,
                                    const arrow::FieldVector& wished) {
  arrow::FieldVector fields = wished;
  std::set<std::string> names;
  for (const auto& field : wished)
    names.insert(field->name());
  if (like == nullptr) return arrow::schema(std::move(fields));
  for (const auto& field : like->fields()) {
    if (!names.contains(field->name())) fields.push_back(field);
  }
  return arrow::schema(std::move(fields), like->metadata());
}

}  // namespace

Result<WantedTypes> WantedFor(const OpenOptions& options, std::shared_ptr<arrow::Schema> like,
                              const std::string& table, bool is_only) {
  WantedTypes wanted{std::move(like), options.types};
  const TableRule* rule =
      options.schema == nullptr ? nullptr : RuleOf(*options.schema, table, is_only);
  if (rule == nullptr) return wanted;
  arrow::FieldVector wished;
  for (const auto& column : rule->columns) {
    CORESHED_ASSIGN(auto type, TypeNamed(column.type));
    if (options.as_cells) {
      wanted.given.try_emplace(column.name, std::move(type));
    } else {
      wished.push_back(arrow::field(column.name, std::move(type)));
    }
  }
  if (!options.as_cells) wanted.like = Over(wanted.like, wished);
  return wanted;
}

std::string NameOfGiven(const arrow::DataType& type) {
  const auto columns = ColumnsOf(*arrow::schema({arrow::field("column", type.GetSharedPtr())}));
  return columns ? columns->front().type : type.ToString();
}

}  // namespace coreshed::sources
