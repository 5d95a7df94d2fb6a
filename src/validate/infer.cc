#include <arrow/api.h>
#include <coreshed/content.h>
#include <coreshed/validation.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "table/check.h"

namespace coreshed {
namespace {

/// Which columns have a null, of a table or of a stream read to its end.
Result<std::vector<bool>> FindNulls(const TableInput& input, const arrow::Schema& schema) {
  std::vector<bool> has_nulls(static_cast<size_t>(schema.num_fields()));
  const auto look = [&](size_t column, const arrow::Array& values) {
    // Of a dictionary, entries may be null, too.
    if (!has_nulls[column]) has_nulls[column] = values.ComputeLogicalNullCount() > 0;
  };
  if (input.table != nullptr) {
    for (size_t i = 0; i < has_nulls.size(); ++i) {
      for (const auto& chunk : input.table->column(static_cast<int>(i))->chunks())
        look(i, *chunk);
    }
    return has_nulls;
  }
  while (true) {
    std::shared_ptr<arrow::RecordBatch> batch;
    CORESHED_ARROW_TRY(input.reader->ReadNext(&batch), "reading table " + input.name);
    if (batch == nullptr) return has_nulls;
    for (size_t i = 0; i < has_nulls.size(); ++i)
      look(i, *batch->column(static_cast<int>(i)));
  }
}

Result<TableRule> InferTable(const TableInput& input) {
  const auto schema = input.table != nullptr ? input.table->schema() : input.reader->schema();
  CORESHED_TRY(table::CheckNames(*schema));
  CORESHED_ASSIGN(const auto columns, ColumnsOf(*schema));
  CORESHED_ASSIGN(const auto has_nulls, FindNulls(input, *schema));
  TableRule table{input.name, "", {}};
  for (size_t i = 0; i < columns.size(); ++i)
    table.columns.push_back({columns[i].name, columns[i].type, has_nulls[i]});
  return table;
}

}  // namespace

Result<SchemaDefinition> InferSchema(const std::vector<TableInput>& tables) {
  if (tables.empty()) {
    return Error{ErrorKind::kInvalidArgument, "There is no table to make a schema of."};
  }
  SchemaDefinition schema;
  for (const auto& input : tables) {
    CORESHED_ASSIGN(auto table, InferTable(input));
    schema.tables.push_back(std::move(table));
  }
  return schema;
}

}  // namespace coreshed
