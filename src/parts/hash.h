#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coreshed::parts {

using Hash256 = std::array<uint8_t, 32>;
/// A sum modulo 2^128 of row hashes: low and high 64 bits.
struct Sum128 {
  uint64_t low = 0, high = 0;
  void Add(const Sum128& other) {
    low += other.low;
    high += other.high + (low < other.low ? 1 : 0);
  }
  bool operator==(const Sum128&) const = default;
};

/// The exact hash of a run of rows (spec/parts.md, "Exact hash of a part").
Result<Hash256> ExactHash(const arrow::RecordBatch& rows);
/// Its two steps: one column's hash, and the part's from its columns'.
Result<Hash256> ColumnHash(const arrow::Array& column);
Hash256 PartHash(int64_t rows, std::span<const Hash256> columns);

/// The sum of the rows' duplicate hashes (spec/parts.md, "Duplicate hash").
Result<Sum128> DuplicateSum(const arrow::RecordBatch& rows);

/// The table's exact hash over its parts' hashes, hex.
std::string TableExactHash(const std::vector<Hash256>& parts);
/// PartFile::root over the exact hashes of all parts of a file, hex.
std::string FileRoot(std::span<const Hash256> parts);
/// The duplicate hash of one table from its sum, its row count and its (name, logical type)
/// columns, 32 hex digits; `table_name` counts only in records of several tables: pass ""
/// otherwise.
struct NamedType {
  std::string name, type;
};
std::string TableDuplicateHash(const Sum128& sum, int64_t rows, std::vector<NamedType> columns,
                               const std::string& table_name);

std::string ToHex(const Hash256& hash);
std::string ToHex(const Sum128& sum);
/// kCorruption where the text is not 64 (32) lower-case hex digits.
Result<Hash256> ParseHash256(std::string_view hex);
Result<Sum128> ParseSum128(std::string_view hex);

}  // namespace coreshed::parts
