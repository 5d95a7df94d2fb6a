#include "validate/filter.h"

#include <arrow/api.h>
#include <arrow/array/concatenate.h>

#include <utility>

#include "base/arrow_error.h"
#include "base/result.h"
#include "validate/kernels.h"

namespace coreshed::validate {
namespace {

constexpr const char* kWhat = "taking rows apart";

/// Run by run, of types that Arrow's function does not know.
Result<std::shared_ptr<arrow::Array>> FilteredByRuns(const arrow::Array& column,
                                                     const std::vector<bool>& is_wanted) {
  arrow::ArrayVector runs{column.Slice(0, 0)};
  const auto size = is_wanted.size();
  for (size_t row = 0; row < size; ++row) {
    if (!is_wanted[row]) continue;
    const size_t first = row;
    while (row < size && is_wanted[row])
      ++row;
    runs.push_back(column.Slice(static_cast<int64_t>(first), static_cast<int64_t>(row - first)));
  }
  CORESHED_ARROW_ASSIGN(auto joined, arrow::Concatenate(runs), kWhat);
  return joined;
}

}  // namespace

Result<std::shared_ptr<arrow::RecordBatch>> Filtered(const arrow::RecordBatch& rows,
                                                     const std::vector<bool>& is_wanted) {
  arrow::BooleanBuilder builder;
  CORESHED_ARROW_TRY(builder.AppendValues(is_wanted), kWhat);
  CORESHED_ARROW_ASSIGN(const auto mask, builder.Finish(), kWhat);
  const int64_t count = static_cast<const arrow::BooleanArray&>(*mask).true_count();
  arrow::ArrayVector columns;
  for (const auto& column : rows.columns()) {
    const auto filtered = CallKernel("filter", {column, mask});
    if (filtered) {
      columns.push_back(filtered->make_array());
    } else if (filtered.error().kind == ErrorKind::kUnsupported) {
      CORESHED_ASSIGN(auto by_runs, FilteredByRuns(*column, is_wanted));
      columns.push_back(std::move(by_runs));
    } else {
      return filtered.error();
    }
  }
  return arrow::RecordBatch::Make(rows.schema(), count, std::move(columns));
}

}  // namespace coreshed::validate
