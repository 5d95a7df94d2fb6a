#include "store/stored_columns.h"

#include <arrow/type.h>
#include <coreshed/content.h>

#include "base/result.h"
#include "table/stored_schema.h"

namespace coreshed::store {

Result<std::shared_ptr<arrow::Schema>> SchemaOf(
    const commit::TableEntry& table, const std::map<std::string, nlohmann::json>& schemas) {
  const auto found = schemas.find(table.schema);
  if (found == schemas.end()) {
    return Error{ErrorKind::kCorruption, "The metadata lack the schema " + table.schema + "."};
  }
  return table::SchemaFromJson(found->second);
}

Result<std::vector<Column>> StoredColumns(const commit::TableEntry& table,
                                          const std::map<std::string, nlohmann::json>& schemas) {
  CORESHED_ASSIGN(auto schema, SchemaOf(table, schemas));
  return ColumnsOf(*schema);
}

}  // namespace coreshed::store
