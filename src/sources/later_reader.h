#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <functional>
#include <memory>
#include <vector>

namespace coreshed::sources {

/// The batches that were read of `rows` already, then the rest of them.
std::shared_ptr<arrow::RecordBatchReader> MakeBegunReader(
    std::vector<std::shared_ptr<arrow::RecordBatch>> begun,
    std::shared_ptr<arrow::RecordBatchReader> rows);

/// Rows of a known schema that are opened when they are first asked for, and closed after the last.
using OpenRows = std::function<Result<std::shared_ptr<arrow::RecordBatchReader>>()>;
std::shared_ptr<arrow::RecordBatchReader> MakeLaterReader(std::shared_ptr<arrow::Schema> schema,
                                                          OpenRows open);

}  // namespace coreshed::sources
