// The sum of rows' hashes that does not depend on order: spec/parts.md, "Duplicate hash".

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/result.h"
#include "parts/cells.h"
#include "parts/hash.h"
#include "table/logical_type.h"

namespace coreshed::parts {
namespace {

/// Rows hashed together: their sums stay in the first-level cache.
constexpr int64_t kBlockRows = 1024;

Sum128 ToSum(XXH128_hash_t hash) {
  return {hash.low64, hash.high64};
}

/// What makes equal values of different columns differ.
Result<uint64_t> ColumnSeed(const arrow::Field& field) {
  CORESHED_ASSIGN(const auto type, table::LogicalType(field));
  const std::string text = field.name() + '\0' + type;
  return XXH3_64bits(text.data(), text.size());
}

Result<void> AddColumn(const arrow::ArrayData& column, uint64_t seed, int64_t begin, int64_t count,
                       Sum128* rows) {
  const Sum128 null = ToSum(XXH3_128bits_withSeed("", 0, ~seed));
  return ForEachCell(
      column, begin, count,
      [&](int64_t i, const uint8_t* bytes, auto size) {
        rows[i].Add(ToSum(XXH3_128bits_withSeed(bytes, size, seed)));
      },
      [&](int64_t i) { rows[i].Add(null); });
}

/// The last mix is not linear, so that it counts which values stand together in a row.
Sum128 FinishRow(const Sum128& cells) {
  const std::array<uint64_t, 2> words{cells.low, cells.high};
  return ToSum(XXH3_128bits(words.data(), sizeof(words)));
}

}  // namespace

Result<Sum128> DuplicateSum(const arrow::RecordBatch& rows) {
  std::vector<uint64_t> seeds;
  for (const auto& field : rows.schema()->fields()) {
    CORESHED_ASSIGN(const auto seed, ColumnSeed(*field));
    seeds.push_back(seed);
  }
  Sum128 sum;
  std::array<Sum128, kBlockRows> block;
  for (int64_t begin = 0; begin < rows.num_rows(); begin += kBlockRows) {
    const int64_t count = std::min(kBlockRows, rows.num_rows() - begin);
    std::fill_n(block.begin(), count, Sum128{});
    for (size_t i = 0; i < seeds.size(); ++i) {
      CORESHED_TRY(
          AddColumn(*rows.column_data(static_cast<int>(i)), seeds[i], begin, count, block.data()));
    }
    for (int64_t i = 0; i < count; ++i)
      sum.Add(FinishRow(block[static_cast<size_t>(i)]));
  }
  return sum;
}

}  // namespace coreshed::parts
