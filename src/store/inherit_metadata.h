#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>

namespace coreshed::store {

/// The schema of a table that comes from where units, labels and the like are not known (a data
/// frame, a CSV file): with those that `before`, the schema of the table until now, has for it and
/// for its columns of the same name and logical type. One that has any of its own stays as it is.
Result<std::shared_ptr<arrow::Schema>> WithMetadataOf(const arrow::Schema& before,
                                                      const std::shared_ptr<arrow::Schema>& given);

}  // namespace coreshed::store
