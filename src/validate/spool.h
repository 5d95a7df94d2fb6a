#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <functional>
#include <memory>

namespace coreshed::validate {

/// Take batches from `next` until it gives none, and read the same again: they lie in a temporary
/// file that has no name and goes with the reader.
Result<std::shared_ptr<arrow::RecordBatchReader>> ReadThrough(
    const std::shared_ptr<arrow::Schema>& schema,
    const std::function<Result<std::shared_ptr<arrow::RecordBatch>>()>& next);

}  // namespace coreshed::validate
