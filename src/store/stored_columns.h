#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/types.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "commit/entry.h"

namespace coreshed::store {

/// The Arrow schema of a stored table, exactly as it was handed in.
Result<std::shared_ptr<arrow::Schema>> SchemaOf(
    const commit::TableEntry& table, const std::map<std::string, nlohmann::json>& schemas);

/// Its columns with their logical types.
Result<std::vector<Column>> StoredColumns(const commit::TableEntry& table,
                                          const std::map<std::string, nlohmann::json>& schemas);

}  // namespace coreshed::store
