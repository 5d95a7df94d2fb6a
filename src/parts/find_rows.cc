#include "parts/find_rows.h"

#include <arrow/array.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/compute/api_vector.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <map>
#include <mutex>
#include <numeric>
#include <utility>
#include <vector>

#include "base/arrow_error.h"
#include "base/result.h"
#include "parts/join.h"
#include "parts/memory_pool.h"
#include "parts/sorted_values.h"
#include "parts/table_source.h"
#include "parts/worker_pool.h"

namespace coreshed::parts {
namespace {

using BatchPtr = std::shared_ptr<arrow::RecordBatch>;
using Matches = std::vector<KeyIndex::Match>;

Result<std::shared_ptr<arrow::Array>> Indices(const std::vector<int64_t>& numbers) {
  arrow::Int64Builder builder(Pool());
  CORESHED_ARROW_TRY(builder.AppendValues(numbers), "choosing rows");
  CORESHED_ARROW_ASSIGN(auto array, builder.Finish(), "choosing rows");
  return array;
}

/// Rows of a batch, put together from pieces of it: for types that Arrow takes no single values of.
Result<BatchPtr> TakePieces(const BatchPtr& rows, const std::vector<int64_t>& numbers) {
  std::vector<BatchPtr> pieces;
  for (size_t i = 0; i < numbers.size();) {
    size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1)
      ++end;
    pieces.push_back(rows->Slice(numbers[i], static_cast<int64_t>(end - i)));
    i = end;
  }
  if (pieces.empty()) return rows->Slice(0, 0);
  return JoinBatches(pieces);
}

Result<BatchPtr> TakeRows(const BatchPtr& rows, const std::vector<int64_t>& numbers) {
  CORESHED_ASSIGN(const auto indices, Indices(numbers));
  const auto options = arrow::compute::TakeOptions::NoBoundsCheck();
  arrow::ArrayVector columns;
  for (const auto& column : rows->columns()) {
    auto taken = arrow::compute::Take(*column, *indices, options);
    if (taken.status().IsNotImplemented()) return TakePieces(rows, numbers);
    if (!taken.ok()) return FromArrow(taken.status(), "choosing rows");
    columns.push_back(std::move(taken).ValueUnsafe());
  }
  return arrow::RecordBatch::Make(rows->schema(), indices->length(), std::move(columns));
}

/// Rows with others in their places.
class ReplacedRows : public RowEdit {
 public:
  ReplacedRows(std::shared_ptr<const KeyIndex> index, std::map<size_t, Matches> matches)
      : index_(std::move(index)), matches_(std::move(matches)) {}

  bool Touches(size_t part) const override { return matches_.contains(part); }

  Result<BatchPtr> Apply(size_t part, const BatchPtr& rows) const override {
    std::vector<int64_t> from(static_cast<size_t>(rows->num_rows()));
    std::iota(from.begin(), from.end(), 0);
    std::vector<int64_t> own;
    for (const auto& match : matches_.at(part)) {
      from.at(static_cast<size_t>(match.row)) = rows->num_rows() + static_cast<int64_t>(own.size());
      own.push_back(match.own_row);
    }
    CORESHED_ASSIGN(auto placed, TakeRows(index_->rows(), own));
    CORESHED_ASSIGN(const auto both, JoinBatches({rows, std::move(placed)}));
    return TakeRows(both, from);
  }

 private:
  const std::shared_ptr<const KeyIndex> index_;
  const std::map<size_t, Matches> matches_;
};

/// Rows without some of them.
class DeletedRows : public RowEdit {
 public:
  explicit DeletedRows(std::map<size_t, std::vector<int64_t>> kept) : kept_(std::move(kept)) {}

  bool Touches(size_t part) const override { return kept_.contains(part); }

  Result<BatchPtr> Apply(size_t part, const BatchPtr& rows) const override {
    return TakeRows(rows, kept_.at(part));
  }

 private:
  const std::map<size_t, std::vector<int64_t>> kept_;  ///< by part, of those that lose rows
};

/// Each key may have one row in the table.
Result<std::vector<bool>> CheckOnce(const KeyIndex& index,
                                    const std::map<size_t, Matches>& matches) {
  std::vector<bool> found(static_cast<size_t>(index.rows()->num_rows()));
  for (const auto& [part, in_part] : matches) {
    for (const auto& match : in_part) {
      auto is_found = found[static_cast<size_t>(match.own_row)];
      if (is_found) {
        return Error{ErrorKind::kValidation,
                     "Several rows of the table have the key " + index.Describe(match.own_row) +
                         ", so it does not say which row is meant. Nothing was changed: name more "
                         "columns, or write the table whole."};
      }
      is_found = true;
    }
  }
  return found;
}

/// Run a task for each part of a table, several at once.
Result<void> ForEachPart(const TableSource& source, int threads,
                         const std::function<Result<void>(size_t)>& task) {
  WorkerPool pool(source.places().size() > 1 ? threads : 1);
  for (size_t i = 0; i < source.places().size(); ++i)
    pool.Run([&task, i] { return task(i); });
  return pool.Wait();
}

}  // namespace

Result<Replacement> FindReplaced(const ReadRequest& table, std::shared_ptr<const KeyIndex> index,
                                 const std::vector<std::string>& keys, storage::Storage& storage) {
  ReadRequest request = table;
  request.columns = keys;
  CORESHED_ASSIGN(const auto source, TableSource::Open(request, storage));
  const auto sorted = SortedValues::Of(*index->key_column(0));
  std::mutex mutex;
  std::map<size_t, Matches> matches;
  CORESHED_TRY(ForEachPart(*source, request.threads, [&](size_t part) -> Result<void> {
    const auto& place = source->places()[part];
    if (!source->MayHold(place, 0, sorted)) return {};
    CORESHED_ASSIGN(const auto batch, source->ReadPart(place));
    CORESHED_ASSIGN(auto found, index->Find(*batch));
    if (found.empty()) return {};
    const std::lock_guard lock(mutex);
    matches.emplace(part, std::move(found));
    return {};
  }));
  CORESHED_ASSIGN(const auto is_found, CheckOnce(*index, matches));
  Replacement replacement;
  std::vector<int64_t> added;
  for (size_t row = 0; row < is_found.size(); ++row) {
    if (!is_found[row]) added.push_back(static_cast<int64_t>(row));
  }
  replacement.rows = index->rows()->num_rows() - static_cast<int64_t>(added.size());
  CORESHED_ASSIGN(replacement.added, TakeRows(index->rows(), added));
  replacement.edit = std::make_unique<ReplacedRows>(std::move(index), std::move(matches));
  return replacement;
}

Result<Deletion> FindDeleted(const ReadRequest& table, const RowMask& mask,
                             storage::Storage& storage) {
  CORESHED_ASSIGN(const auto source, TableSource::Open(table, storage));
  Deletion deletion;
  std::map<size_t, std::vector<int64_t>> kept;
  for (size_t part = 0; part < source->places().size(); ++part) {
    CORESHED_ASSIGN(const auto batch, source->ReadPart(source->places()[part]));
    CORESHED_ASSIGN(const auto goes, mask(*batch));
    if (goes->true_count() == 0) continue;
    auto& rows = kept[part];
    for (int64_t row = 0; row < goes->length(); ++row) {
      if (!goes->Value(row)) rows.push_back(row);
    }
    deletion.rows += goes->length() - static_cast<int64_t>(rows.size());
  }
  deletion.edit = std::make_unique<DeletedRows>(std::move(kept));
  return deletion;
}

}  // namespace coreshed::parts
