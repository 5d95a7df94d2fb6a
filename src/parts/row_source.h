#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "parts/write.h"

namespace coreshed::parts {

/// The rows to write, batch by batch, checked to be what their schema says.
class RowSource {
 public:
  static Result<RowSource> Open(const WriteRequest& request);

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  /// All rows that there are; negative where a stream does not tell.
  int64_t rows() const { return rows_; }
  /// The first rows, at least `rows` of them or all there are; Next gives them again.
  Result<std::vector<std::shared_ptr<arrow::RecordBatch>>> Peek(int64_t rows);
  /// The next batch, null at the end.
  Result<std::shared_ptr<arrow::RecordBatch>> Next();

 private:
  RowSource() = default;
  Result<std::shared_ptr<arrow::RecordBatch>> Fetch();

  std::shared_ptr<arrow::Table> table_;  ///< kept for the batches that point into it
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
  int64_t rows_ = -1;
  std::deque<std::shared_ptr<arrow::RecordBatch>> peeked_;
};

}  // namespace coreshed::parts
