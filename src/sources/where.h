#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace coreshed::sources {

/// The rows of `reader` for which `expression` is true, their values and types untouched: DuckDB
/// only says which. The expression is one scalar SQL expression over the columns; times without a
/// zone meet zoned ones in UTC.
///
/// Errors  kInvalidArgument   no expression; a subquery, aggregate or parameter in it; not true or
///                            false; and while reading: a value it can't be worked out for
///         kNotFound          a column that there isn't; names those there are
///         kUnsupported       a column's type that DuckDB doesn't know; no DuckDB
Result<std::shared_ptr<arrow::RecordBatchReader>> FilterWhere(
    std::shared_ptr<arrow::RecordBatchReader> reader, const std::string& expression);

/// Says for which rows of a batch something is true: a value for each, never null.
using RowTest =
    std::function<Result<std::shared_ptr<arrow::BooleanArray>>(const arrow::RecordBatch&)>;

/// The same as FilterWhere for batches with `schema` that come one by one. For one thread at a
/// time.
Result<RowTest> TestWhere(std::shared_ptr<arrow::Schema> schema, const std::string& expression);

/// The columns of `schema` that the expression looks at, in the schema's order: what a reader must
/// have for FilterWhere. The same errors, but not for types and unknown columns.
Result<std::vector<std::string>> WhereColumns(const arrow::Schema& schema,
                                              const std::string& expression);

}  // namespace coreshed::sources
