#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <vector>

namespace coreshed::parts {

/// Batches of one schema (at least one), one after the other, as one batch; a single one is itself.
/// A column whose dictionaries differ comes as its values, though the schema says dictionary.
Result<std::shared_ptr<arrow::RecordBatch>> JoinBatches(
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches);

}  // namespace coreshed::parts
