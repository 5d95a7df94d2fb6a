#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>

namespace coreshed::store {

/// So many cells are written in no time, and held in memory without a thought.
inline constexpr int64_t kFewCells = 100'000;

/// Reads ahead in a stream of rows. If they turn out to be few they become a table, which can be
/// written again after a lost race, and `reader` becomes null; else `reader` goes on to give all of
/// them.
///
/// Errors  whatever the reader answers
Result<void> CollectIfFew(std::shared_ptr<arrow::RecordBatchReader>* reader,
                          std::shared_ptr<arrow::Table>* table);

}  // namespace coreshed::store
