#include "parts/join.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/conform.h"
#include "parts/dictionary.h"
#include "parts/memory_pool.h"
#include "parts/types.h"

namespace coreshed::parts {

namespace {

std::vector<const arrow::ArrayData*> DictionariesOf(const arrow::Array& array) {
  std::vector<const arrow::ArrayData*> dictionaries;
  ForEachDictionary(*array.type(), array.data().get(),
                    [&](const auto&, const arrow::ArrayData* encoded) {
                      dictionaries.push_back(encoded->dictionary.get());
                    });
  return dictionaries;
}

/// Arrays with different dictionaries as their values: Arrow can't unify all dictionaries, and
/// nobody asks a part which one it has.
Result<void> ExpandDifferent(arrow::ArrayVector* chunks) {
  const auto dictionaries = DictionariesOf(*chunks->front());
  const bool same = std::all_of(chunks->begin(), chunks->end(), [&](const auto& chunk) {
    return DictionariesOf(*chunk) == dictionaries;
  });
  if (same) return {};
  const auto type = ExpandedType(chunks->front()->type());
  for (auto& chunk : *chunks) {
    CORESHED_ASSIGN(chunk, Conform(chunk, type));
  }
  return {};
}

}  // namespace

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
    CORESHED_TRY(ExpandDifferent(&chunks));
    CORESHED_ARROW_ASSIGN(auto column, arrow::Concatenate(chunks, Pool()),
                          "joining the rows of column '" + batches[0]->column_name(i) + "'");
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(batches[0]->schema(), rows, std::move(columns));
}

}  // namespace coreshed::parts
