#include "store/stored_columns.h"

#include <arrow/type.h>
#include "table/stored_schema.h"

namespace coreshed::store {
namespace {

Error LacksSchema(const commit::TableEntry& table) {
  return Error{ErrorKind::kCorruption, "The metadata lack the schema " + table.schema + "."};
}

}  // namespace

Result<std::shared_ptr<arrow::Schema>> SchemaOf(const commit::TableEntry& table,
                                                const table::StoredSchemas& schemas) {
  const auto found = schemas.find(table.schema);
  if (found == schemas.end()) return LacksSchema(table);
  return found->second.Schema();
}

Result<std::vector<Column>> StoredColumns(const commit::TableEntry& table,
                                          const table::StoredSchemas& schemas) {
  const auto found = schemas.find(table.schema);
  if (found == schemas.end()) return LacksSchema(table);
  return found->second.Columns();
}

}  // namespace coreshed::store
