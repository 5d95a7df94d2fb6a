#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "parts/parts.h"

namespace coreshed::parts {

/// Rows enough to choose a CutRule by.
inline constexpr int64_t kCutSampleRows = 65'536;

/// Choose how to cut a table from its first rows: one or two columns whose values hardly repeat,
/// keys before measured numbers, and parts of a size that suits the width of the rows.
Result<CutRule> ChooseCutRule(const std::vector<std::shared_ptr<arrow::RecordBatch>>& first_rows,
                              const arrow::Schema& schema);

/// What decides on cuts: the hash of some columns' cells in each of some rows.
Result<void> CutHashes(const arrow::RecordBatch& batch, std::span<const int> columns, int64_t begin,
                       std::span<uint64_t> hashes);

/// kCorruption for a rule, read from metadata, that no release could have written.
Result<void> CheckCutRule(const CutRule& rule);

/// The most rows that a part may have under any rule.
inline constexpr int64_t kPartRowsMax = int64_t{1} << 24;

/// Cuts rows that come in batches into parts (spec/parts.md, "Parts"). Where the cuts fall depends
/// on the rows since the last cut alone, never on how they were batched.
class Cutter {
 public:
  Cutter(CutRule rule, std::shared_ptr<arrow::Schema> schema);

  /// Rows that follow. Parts that are complete are added to `parts`, each as one batch.
  Result<void> Add(const std::shared_ptr<arrow::RecordBatch>& batch,
                   std::vector<std::shared_ptr<arrow::RecordBatch>>* parts);
  /// Whether there are no rows since the last cut.
  bool is_at_cut() const { return rows_ == 0; }
  /// The rows since the last cut, as the last part; null if there are none.
  Result<std::shared_ptr<arrow::RecordBatch>> Finish();

 private:
  struct Found {
    int64_t rows;  ///< that belong to the part which is being filled
    bool ends;     ///< whether it ends after them
  };
  Result<Found> FindEnd(const arrow::RecordBatch& batch, int64_t begin);
  Result<std::optional<int64_t>> FindHash(const arrow::RecordBatch& batch, int64_t begin,
                                          int64_t count) const;
  Result<int64_t> CountFitting(const arrow::RecordBatch& batch, int64_t begin, int64_t count);

  const CutRule rule_;
  const std::shared_ptr<arrow::Schema> schema_;
  std::vector<int> columns_;
  /// Rows since the last cut, as slices.
  std::vector<std::shared_ptr<arrow::RecordBatch>> pending_;
  int64_t rows_ = 0;
  int64_t bytes_most_ = 0;              ///< of pending rows, never too few
  std::optional<int64_t> bytes_exact_;  ///< of pending rows, once it matters
};

}  // namespace coreshed::parts
