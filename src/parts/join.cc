#include "parts/join.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/memory_pool.h"

namespace coreshed::parts {

Result<std::shared_ptr<arrow::RecordBatch>> JoinBatches(
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  if (batches.size() == 1) return batches[0];
  int64_t rows = 0;
  for (const auto& batch : batches)
    rows += batch->num_rows();
  arrow::ArrayVector columns;
  for (int i = 0; i < batches[0]->num_columns(); ++i) {
    arrow::ArrayVector chunks;
    for (const auto& batch : batches)
      chunks.push_back(batch->column(i));
    CORESHED_ARROW_ASSIGN(auto column, arrow::Concatenate(chunks, Pool()),
                          "joining the rows of column '" + batches[0]->column_name(i) + "'");
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(batches[0]->schema(), rows, std::move(columns));
}

}  // namespace coreshed::parts
