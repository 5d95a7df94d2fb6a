#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <string>

namespace coreshed::store {

/// Whether rows of schema `given` can go after rows of schema `stored`: the same column names, in
/// any order, with the same logical types. kSchemaDrift names every difference.
Result<void> CheckSameColumns(const arrow::Schema& stored, const arrow::Schema& given,
                              const std::string& table);

/// The same rows with the columns of `schema`, in its order and encodings.
Result<std::shared_ptr<arrow::Table>> FitTable(const arrow::Table& table,
                                               const std::shared_ptr<arrow::Schema>& schema);
std::shared_ptr<arrow::RecordBatchReader> FitReader(
    std::shared_ptr<arrow::RecordBatchReader> reader, std::shared_ptr<arrow::Schema> schema);

}  // namespace coreshed::store
