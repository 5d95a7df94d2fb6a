#include "parts/cut.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <arrow/array/concatenate.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/result.h"
#include "parts/cells.h"
#include "parts/join.h"
#include "parts/row_bytes.h"

namespace coreshed::parts {
namespace {

constexpr int64_t kBlockRows = 512;

}  // namespace

Result<void> CutHashes(const arrow::RecordBatch& batch, std::span<const int> columns, int64_t begin,
                       std::span<uint64_t> hashes) {
  std::fill(hashes.begin(), hashes.end(), 0);
  for (const int column : columns) {
    CORESHED_TRY(ForEachCell(
        *batch.column_data(column), begin, static_cast<int64_t>(hashes.size()),
        [&](int64_t i, const uint8_t* bytes, auto size) {
          auto& hash = hashes[static_cast<size_t>(i)];
          hash = XXH3_64bits_withSeed(bytes, size, hash);
        },
        [&](int64_t i) {
          auto& hash = hashes[static_cast<size_t>(i)];
          hash = XXH3_64bits_withSeed("", 0, ~hash);
        }));
  }
  return {};
}

Cutter::Cutter(CutRule rule, std::shared_ptr<arrow::Schema> schema)
    : rule_(std::move(rule)), schema_(std::move(schema)) {
  for (const auto& name : rule_.columns) {
    const auto found = schema_->GetAllFieldIndices(name);
    if (!found.empty()) columns_.push_back(found[0]);
  }
  if (!columns_.empty()) return;
  for (int i = 0; i < schema_->num_fields(); ++i)
    columns_.push_back(i);
}

/// The first of the rows after which its hash calls for a cut.
Result<std::optional<int64_t>> Cutter::FindHash(const arrow::RecordBatch& batch, int64_t begin,
                                                int64_t count) const {
  const uint64_t mask = (uint64_t{1} << rule_.mask_bits) - 1;
  std::array<uint64_t, kBlockRows> hashes;
  for (int64_t done = 0; done < count; done += kBlockRows) {
    const int64_t block = std::min(kBlockRows, count - done);
    CORESHED_TRY(CutHashes(batch, columns_, begin + done,
                           std::span(hashes).first(static_cast<size_t>(block))));
    for (int64_t i = 0; i < block; ++i) {
      if ((hashes[static_cast<size_t>(i)] & mask) == 0) return std::optional<int64_t>(done + i);
    }
  }
  return std::optional<int64_t>();
}

/// How many of the rows fit beside the pending ones by their bytes.
Result<int64_t> Cutter::CountFitting(const arrow::RecordBatch& batch, int64_t begin,
                                     int64_t count) {
  if (!bytes_exact_ && bytes_most_ + RowBytesMax(batch, begin, count) <= rule_.bytes_max) {
    return count;
  }
  if (!bytes_exact_) {
    bytes_exact_ = 0;
    for (const auto& slice : pending_) {
      CORESHED_ASSIGN(const auto sizes, RowBytes(*slice, 0, slice->num_rows()));
      for (const int64_t size : sizes)
        *bytes_exact_ += size;
    }
  }
  CORESHED_ASSIGN(const auto sizes, RowBytes(batch, begin, count));
  int64_t fitting = 0, bytes = *bytes_exact_;
  while (fitting < count && bytes + sizes[static_cast<size_t>(fitting)] <= rule_.bytes_max) {
    bytes += sizes[static_cast<size_t>(fitting++)];
  }
  return fitting;
}

/// The rows of the batch from `begin` on that go to the part which is being filled.
Result<Cutter::Found> Cutter::FindEnd(const arrow::RecordBatch& batch, int64_t begin) {
  const int64_t left = batch.num_rows() - begin;
  const int64_t most = std::min(left, rule_.rows_max - rows_);
  CORESHED_ASSIGN(int64_t fitting, CountFitting(batch, begin, most));
  if (fitting == 0 && rows_ == 0) fitting = 1;  // a row is never cut, whatever its size
  const int64_t skipped = std::max<int64_t>(0, rule_.rows_min - 1 - rows_);
  if (skipped < fitting) {
    CORESHED_ASSIGN(const auto found, FindHash(batch, begin + skipped, fitting - skipped));
    if (found) return Found{skipped + *found + 1, true};
  }
  return Found{fitting, fitting < most || rows_ + fitting == rule_.rows_max};
}

Result<void> Cutter::Add(const std::shared_ptr<arrow::RecordBatch>& batch,
                         std::vector<std::shared_ptr<arrow::RecordBatch>>* parts) {
  for (int64_t begin = 0; begin < batch->num_rows();) {
    CORESHED_ASSIGN(const auto found, FindEnd(*batch, begin));
    if (found.rows > 0) {
      pending_.push_back(batch->Slice(begin, found.rows));
      rows_ += found.rows;
      bytes_most_ += RowBytesMax(*batch, begin, found.rows);
      if (bytes_exact_) {
        CORESHED_ASSIGN(const auto sizes, RowBytes(*batch, begin, found.rows));
        for (const int64_t size : sizes)
          *bytes_exact_ += size;
      }
    }
    begin += found.rows;
    if (!found.ends) continue;
    CORESHED_ASSIGN(auto part, Finish());
    parts->push_back(std::move(part));
  }
  return {};
}

Result<std::shared_ptr<arrow::RecordBatch>> Cutter::Finish() {
  if (pending_.empty()) return std::shared_ptr<arrow::RecordBatch>();
  auto pending = std::exchange(pending_, {});
  rows_ = 0;
  bytes_most_ = 0;
  bytes_exact_.reset();
  return JoinBatches(pending);
}

}  // namespace coreshed::parts
