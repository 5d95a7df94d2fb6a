#include "parts/hash.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/hex.h"
#include "base/result.h"
#include "parts/blake3_hash.h"

namespace coreshed::parts {
namespace {

/// The value of `size` lower-case hex digits, most significant first.
bool ParseHexBytes(std::string_view hex, std::span<uint8_t> bytes) {
  if (!IsHex(hex, bytes.size() * 2)) return false;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  }
  return true;
}

std::array<uint8_t, 16> BigEndian(const Sum128& sum) {
  std::array<uint8_t, 16> bytes;
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(sum.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<uint8_t>(sum.low >> (56 - 8 * i));
  }
  return bytes;
}

}  // namespace

Hash256 PartHash(int64_t rows, std::span<const Hash256> columns) {
  Blake3 hash("coreshed part 1");
  hash.UpdateU64(static_cast<uint64_t>(rows));
  hash.UpdateU64(columns.size());
  for (const auto& column : columns)
    hash.Update(column);
  return hash.Finish();
}

Result<Hash256> ExactHash(const arrow::RecordBatch& rows) {
  std::vector<Hash256> columns;
  columns.reserve(static_cast<size_t>(rows.num_columns()));
  for (const auto& column : rows.columns()) {
    CORESHED_ASSIGN(auto hash, ColumnHash(*column));
    columns.push_back(hash);
  }
  return PartHash(rows.num_rows(), columns);
}

std::string TableExactHash(const std::vector<Hash256>& parts) {
  Blake3 hash("coreshed table 1");
  hash.UpdateU64(parts.size());
  for (const auto& part : parts)
    hash.Update(part);
  return ToHex(hash.Finish());
}

std::string FileRoot(std::span<const Hash256> parts) {
  if (parts.size() == 1) return ToHex(parts[0]);
  Blake3 hash("coreshed file 1");
  hash.UpdateU64(parts.size());
  for (const auto& part : parts)
    hash.Update(part);
  return ToHex(hash.Finish());
}

std::string TableDuplicateHash(const Sum128& sum, int64_t rows, std::vector<NamedType> columns,
                               const std::string& table_name) {
  std::sort(columns.begin(), columns.end(), [](const NamedType& a, const NamedType& b) {
    return std::tie(a.name, a.type) < std::tie(b.name, b.type);
  });
  Blake3 hash("coreshed duplicate 1");
  hash.UpdateU64(columns.size());
  for (const auto& column : columns) {
    hash.UpdateText(column.name);
    hash.UpdateText(column.type);
  }
  hash.UpdateU64(static_cast<uint64_t>(rows));
  const auto sum_bytes = BigEndian(sum);
  hash.Update(sum_bytes.data(), sum_bytes.size());
  if (!table_name.empty()) hash.UpdateText(table_name);
  return ToHex(hash.Finish()).substr(0, 32);
}

std::string ToHex(const Hash256& hash) {
  return coreshed::ToHex(hash.data(), hash.size());
}

std::string ToHex(const Sum128& sum) {
  const auto bytes = BigEndian(sum);
  return coreshed::ToHex(bytes.data(), bytes.size());
}

Result<Hash256> ParseHash256(std::string_view hex) {
  Hash256 hash;
  if (!ParseHexBytes(hex, hash)) {
    return Error{ErrorKind::kCorruption, "expected a hash of 64 hex digits"};
  }
  return hash;
}

Result<Sum128> ParseSum128(std::string_view hex) {
  std::array<uint8_t, 16> bytes;
  if (!ParseHexBytes(hex, bytes)) {
    return Error{ErrorKind::kCorruption, "expected a sum of 32 hex digits"};
  }
  Sum128 sum;
  for (size_t i = 0; i < 8; ++i) {
    sum.high = sum.high << 8 | bytes[i];
    sum.low = sum.low << 8 | bytes[8 + i];
  }
  return sum;
}

}  // namespace coreshed::parts
