#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>

namespace coreshed::parts {

/// A stored column of `field` (ToStored) whose values are all such as its schema says, which Arrow
/// leaves to whoever made it: no null in a field that may not be null, no decimal with more digits
/// than its type has. Nulls below the nulls of a parent mean nothing; of a field that may not be
/// null they are taken away, as Parquet's writer wants it.
///
/// Errors  kValidation   a value that can't be; names column and field
Result<std::shared_ptr<arrow::Array>> CheckedValues(const arrow::Field& field,
                                                    const std::shared_ptr<arrow::Array>& stored);

/// Rows with their stored types, checked: what a Parquet file of `schema` is handed.
Result<std::shared_ptr<arrow::RecordBatch>> StoredRows(const arrow::RecordBatch& rows,
                                                       const arrow::Schema& schema);

}  // namespace coreshed::parts
