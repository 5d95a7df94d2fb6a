#include "store/content_hash.h"

#include <algorithm>

#include "base/canonical_json.h"
#include "base/sha256.h"
#include "parts/hash.h"

namespace coreshed::store {
namespace {

std::string DuplicateHashOf(const HashedTable& table, const std::string& counted_name) {
  std::vector<parts::NamedType> columns;
  for (const auto& column : table.columns) columns.push_back({column.name, column.type});
  const auto sum = parts::ParseSum128(table.parts->duplicate_sum);
  return parts::TableDuplicateHash(sum ? sum.value() : parts::Sum128{}, table.parts->rows,
                                   std::move(columns), counted_name);
}

}  // namespace

std::string VersionExactHash(const std::map<std::string, HashedTable>& tables) {
  auto list = nlohmann::json::array();
  for (const auto& [name, table] : tables) {
    auto columns = nlohmann::json::array();
    for (const auto& column : table.columns) columns.push_back({column.name, column.type});
    list.push_back({name, std::move(columns), table.parts->rows, table.parts->exact_hash});
  }
  return Sha256Hex(CanonicalJson({"coreshed version 1", std::move(list)}));
}

std::string VersionDuplicateHash(const std::map<std::string, HashedTable>& tables) {
  if (tables.size() == 1) return DuplicateHashOf(tables.begin()->second, "");
  std::vector<std::string> hashes;
  for (const auto& [name, table] : tables) hashes.push_back(DuplicateHashOf(table, name));
  std::sort(hashes.begin(), hashes.end());
  return Sha256Hex(CanonicalJson({"coreshed tables 1", hashes})).substr(0, 32);
}

}  // namespace coreshed::store
