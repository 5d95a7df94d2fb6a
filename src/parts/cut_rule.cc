#define XXH_INLINE_ALL
#include <xxhash.h>

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <algorithm>
#include <utility>

#include "base/result.h"
#include "parts/cells.h"
#include "parts/cut.h"
#include "parts/row_bytes.h"
#include "parts/small_set.h"

namespace coreshed::parts {
namespace {

/// Rows looked at: all of a small sample, else runs spread over it, since neighbours are alike.
constexpr int64_t kRunRows = 512;
constexpr int64_t kRuns = 16;
constexpr int64_t kSmallRows = 256;

/// The mean part is twice 2^mask_bits rows; this keeps it near 4 MiB for wide rows.
constexpr int64_t kHalfPartBytes = int64_t{2} << 20;
constexpr int kMaskBitsMin = 4;
constexpr int64_t kNullsOfAByte = 8;

/// What RowBytesMax counts of nulls, which have no bytes.
int64_t BytesUnderNulls(const arrow::RecordBatch& rows) {
  int64_t bytes = 0;
  for (const auto& column : rows.columns())
    bytes += column->null_count() * std::max(column->type()->byte_width(), 0);
  return bytes;
}

/// Keys before measured numbers, and neither flags nor nested values. Lower is better.
enum class Fitness { kKey, kNumber, kUnfit };

Fitness FitnessOf(const arrow::DataType& type) {
  if (arrow::is_floating(type.id())) return Fitness::kNumber;
  if (arrow::is_integer(type.id()) || arrow::is_temporal(type.id()) ||
      arrow::is_base_binary_like(type.id()) || arrow::is_binary_view_like(type.id()) ||
      arrow::is_decimal(type.id()) || type.id() == arrow::Type::FIXED_SIZE_BINARY) {
    return Fitness::kKey;
  }
  return Fitness::kUnfit;
}

struct Candidate {
  int column;
  Fitness fitness;
  double distinct;  ///< share of the rows looked at
};

using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

/// Hash the cells of the looked-at rows of a column into `hashes`, one after the other.
Result<void> HashSample(const Batches& sample, int column, std::vector<uint64_t>& hashes) {
  size_t next = 0;
  for (const auto& batch : sample) {
    CORESHED_TRY(ForEachCell(
        *batch->column_data(column), 0, batch->num_rows(),
        [&](int64_t, const uint8_t* bytes, auto size) {
          hashes[next] = XXH3_64bits_withSeed(bytes, size, hashes[next]);
          ++next;
        },
        [&](int64_t) { ++next; }));
  }
  return {};
}

double ShareDistinct(const std::vector<uint64_t>& hashes) {
  if (hashes.empty()) return 0;
  SmallSet set(hashes.size());
  for (const uint64_t hash : hashes)
    set.Insert(hash);
  return static_cast<double>(set.count()) / static_cast<double>(hashes.size());
}

/// Runs of rows spread over the first ones.
Batches Spread(const Batches& first_rows, int64_t rows) {
  Batches spread;
  if (rows <= kRunRows * kRuns) {
    int64_t left = rows <= kRunRows ? std::min(rows, kSmallRows) : rows;
    for (const auto& batch : first_rows) {
      const int64_t count = std::min(left, batch->num_rows());
      if (count > 0) spread.push_back(batch->Slice(0, count));
      left -= count;
    }
    return spread;
  }
  int64_t before = 0;
  for (const auto& batch : first_rows) {
    const int64_t end = before + batch->num_rows();
    for (int64_t run = 0; run < kRuns; ++run) {
      const int64_t begin = std::max(before, rows / kRuns * run);
      const int64_t run_end = std::min(end, rows / kRuns * run + kRunRows);
      if (begin < run_end) spread.push_back(batch->Slice(begin - before, run_end - begin));
    }
    before = end;
  }
  return spread;
}

/// One column where almost every row has its own value; else the best two together; if even those
/// repeat much, all columns (an empty list).
Result<std::vector<int>> ChooseColumns(const Batches& sample, const arrow::Schema& schema) {
  int64_t rows = 0;
  for (const auto& batch : sample)
    rows += batch->num_rows();
  std::vector<Candidate> candidates;
  for (int i = 0; i < schema.num_fields(); ++i) {
    const auto fitness = FitnessOf(*schema.field(i)->type());
    if (fitness == Fitness::kUnfit) continue;
    std::vector<uint64_t> hashes(static_cast<size_t>(rows));
    CORESHED_TRY(HashSample(sample, i, hashes));
    candidates.push_back({i, fitness, ShareDistinct(hashes)});
    // A key column as good as they get: the others need no look.
    if (rows >= kSmallRows && fitness == Fitness::kKey && candidates.back().distinct >= 0.99 &&
        arrow::is_fixed_width(schema.field(i)->type()->id())) {
      return std::vector<int>{i};
    }
  }
  // Coarse steps, so that a key with a few repeated values stands before a number without any.
  const auto rank = [](const Candidate& c) {
    const int step = c.distinct >= 0.9 ? 0 : c.distinct >= 0.5 ? 1 : c.distinct >= 0.05 ? 2 : 3;
    return std::pair(step, c.fitness);
  };
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  if (candidates.empty()) return std::vector<int>{};
  if (candidates[0].distinct >= 0.9 && rows >= kSmallRows)
    return std::vector<int>{candidates[0].column};
  std::vector<uint64_t> hashes(static_cast<size_t>(rows));
  std::vector<int> chosen;
  for (size_t i = 0; i < std::min<size_t>(2, candidates.size()); ++i) {
    chosen.push_back(candidates[i].column);
    CORESHED_TRY(HashSample(sample, chosen.back(), hashes));
  }
  const bool repeats = rows >= kSmallRows && ShareDistinct(hashes) < 0.05;
  return repeats ? std::vector<int>{} : chosen;
}

}  // namespace

Result<void> CheckCutRule(const CutRule& rule) {
  const bool sound = rule.mask_bits >= 0 && rule.mask_bits <= 62 && rule.rows_min >= 1 &&
                     rule.rows_max >= rule.rows_min && rule.rows_max <= kPartRowsMax &&
                     rule.bytes_max >= 1;
  if (sound) return {};
  return Error{ErrorKind::kCorruption, "The rule by which a table is cut into parts is damaged."};
}

Result<CutRule> ChooseCutRule(const Batches& first_rows, const arrow::Schema& schema) {
  CutRule rule;
  int64_t rows = 0, bytes = 0;
  for (const auto& batch : first_rows) {
    rows += batch->num_rows();
    bytes += RowBytesMax(*batch, 0, batch->num_rows()) - BytesUnderNulls(*batch);
  }
  // Nulls have no bytes, but in memory a place.
  bytes = std::max(bytes, rows * schema.num_fields() / kNullsOfAByte);
  CORESHED_ASSIGN(const auto columns, ChooseColumns(Spread(first_rows, rows), schema));
  for (const int column : columns) {
    const auto& name = schema.field(column)->name();
    if (std::find(rule.columns.begin(), rule.columns.end(), name) == rule.columns.end()) {
      rule.columns.push_back(name);
    }
  }
  while (rows > 0 && rule.mask_bits > kMaskBitsMin &&
         (bytes / rows) << rule.mask_bits > kHalfPartBytes) {
    --rule.mask_bits;
  }
  rule.rows_min = int64_t{1} << rule.mask_bits;
  rule.rows_max = rule.rows_min * 4;
  return rule;
}

}  // namespace coreshed::parts
