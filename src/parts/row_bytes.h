#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <vector>

namespace coreshed::parts {

/// What rows take in memory, about: nulls too, and what every array has with its buffers.
int64_t MemoryBytes(const arrow::RecordBatch& rows);

/// At most how many canonical bytes (the sum of its cells' sizes; nulls count nothing) the rows of
/// a run have. Cheap, and exact but for bytes under nulls and in dictionaries.
int64_t RowBytesMax(const arrow::RecordBatch& rows, int64_t begin, int64_t count);

/// The canonical bytes of each row. Walks all cells.
Result<std::vector<int64_t>> RowBytes(const arrow::RecordBatch& rows, int64_t begin, int64_t count);

}  // namespace coreshed::parts
