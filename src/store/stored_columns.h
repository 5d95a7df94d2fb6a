#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/types.h>

#include <memory>
#include <string>
#include <vector>

#include "commit/entry.h"
#include "table/stored_schema.h"

namespace coreshed::store {

/// The Arrow schema of a stored table, exactly as it was handed in.
Result<std::shared_ptr<arrow::Schema>> SchemaOf(const commit::TableEntry& table,
                                                const table::StoredSchemas& schemas);

/// Its columns with their logical types.
Result<std::vector<Column>> StoredColumns(const commit::TableEntry& table,
                                          const table::StoredSchemas& schemas);

}  // namespace coreshed::store
