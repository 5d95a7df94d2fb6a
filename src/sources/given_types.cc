#include "sources/given_types.h"

#include <arrow/type.h>
#include <coreshed/content.h>
#include <coreshed/validation.h>

#include <algorithm>

#include "base/result.h"

namespace coreshed::sources {
namespace {

const TableRule* RuleOf(const SchemaDefinition& schema, const std::string& table, bool is_only) {
  if (is_only && schema.tables.size() == 1) return &schema.tables.front();
  const auto found = std::find_if(schema.tables.begin(), schema.tables.end(),
                                  [&](const TableRule& rule) { return rule.name == table; });
  return found == schema.tables.end() ? nullptr : &*found;
}

}  // namespace

Result<std::map<std::string, std::shared_ptr<arrow::DataType>>> GivenTypes(
    const OpenFileOptions& options, const std::string& table, bool is_only) {
  auto types = options.types;
  const TableRule* rule =
      options.schema == nullptr ? nullptr : RuleOf(*options.schema, table, is_only);
  if (rule == nullptr) return types;
  for (const auto& column : rule->columns) {
    if (types.contains(column.name)) continue;
    CORESHED_ASSIGN(types[column.name], TypeNamed(column.type));
  }
  return types;
}

std::string NameOfGiven(const arrow::DataType& type) {
  const auto columns = ColumnsOf(*arrow::schema({arrow::field("column", type.GetSharedPtr())}));
  return columns ? columns->front().type : type.ToString();
}

}  // namespace coreshed::sources
