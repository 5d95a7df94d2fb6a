#include <arrow/type.h>
#include <coreshed/content.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/canonical_json.h"
#include "base/result.h"
#include "base/sha256.h"
#include "table/check.h"
#include "table/logical_type.h"

namespace coreshed {

Result<std::vector<Column>> ColumnsOf(const arrow::Schema& schema) {
  CORESHED_TRY(table::CheckNames(schema));
  std::vector<Column> columns;
  columns.reserve(static_cast<size_t>(schema.num_fields()));
  for (const auto& field : schema.fields()) {
    auto type = table::LogicalType(*field);
    if (!type) {
      Error error = std::move(type).error();
      error.message = "Column '" + field->name() + "': " + error.message + ".";
      return std::move(error).With("column", field->name());
    }
    columns.push_back({field->name(), std::move(type).value(), field->nullable()});
  }
  return columns;
}

std::string SchemaFingerprint(const std::vector<Column>& columns) {
  std::vector<std::pair<std::string, std::string>> sorted;
  sorted.reserve(columns.size());
  for (const auto& column : columns)
    sorted.emplace_back(column.name, column.type);
  std::sort(sorted.begin(), sorted.end());
  return Sha256Hex(CanonicalJson(nlohmann::json(sorted)));
}

}  // namespace coreshed
