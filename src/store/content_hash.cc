#include "store/content_hash.h"

#include <arrow/table.h>
#include <coreshed/content.h>

#include <algorithm>

#include "base/arrow_error.h"
#include "base/canonical_json.h"
#include "base/sha256.h"
#include "parts/hash.h"

namespace coreshed::store {
namespace {

std::string DuplicateHashOf(const HashedTable& table, const std::string& counted_name) {
  std::vector<parts::NamedType> columns;
  for (const auto& column : table.columns)
    columns.push_back({column.name, column.type});
  const auto sum = parts::ParseSum128(table.parts->duplicate_sum);
  return parts::TableDuplicateHash(sum ? sum.value() : parts::Sum128{}, table.parts->rows,
                                   std::move(columns), counted_name);
}

}  // namespace

std::string VersionExactHash(const std::map<std::string, HashedTable>& tables) {
  auto list = nlohmann::json::array();
  for (const auto& [name, table] : tables) {
    auto columns = nlohmann::json::array();
    for (const auto& column : table.columns)
      columns.push_back({column.name, column.type});
    list.push_back({name, std::move(columns), table.parts->rows, table.parts->exact_hash});
  }
  return Sha256Hex(CanonicalJson({"coreshed version 1", std::move(list)}));
}

std::string VersionDuplicateHash(const std::map<std::string, HashedTable>& tables) {
  if (tables.size() == 1) return DuplicateHashOf(tables.begin()->second, "");
  std::vector<std::string> hashes;
  for (const auto& [name, table] : tables)
    hashes.push_back(DuplicateHashOf(table, name));
  std::sort(hashes.begin(), hashes.end());
  return Sha256Hex(CanonicalJson({"coreshed tables 1", hashes})).substr(0, 32);
}

}  // namespace coreshed::store

namespace coreshed {

Result<std::string> ContentHash(const arrow::Table& table) {
  CORESHED_ASSIGN(const auto columns, ColumnsOf(*table.schema()));
  std::vector<parts::NamedType> types;
  for (const auto& column : columns)
    types.push_back({column.name, column.type});
  parts::Sum128 sum;
  arrow::TableBatchReader batches(table);
  std::shared_ptr<arrow::RecordBatch> batch;
  while (true) {
    CORESHED_ARROW_TRY(batches.ReadNext(&batch), "hashing a table");
    if (batch == nullptr) break;
    CORESHED_ASSIGN(const auto part, parts::DuplicateSum(*batch));
    sum.Add(part);
  }
  return parts::TableDuplicateHash(sum, table.num_rows(), std::move(types), "");
}

}  // namespace coreshed
