#pragma once

#include <coreshed/types.h>

#include <map>
#include <string>
#include <vector>

#include "parts/parts.h"

namespace coreshed::store {

/// One table as the version's hashes see it.
struct HashedTable {
  std::vector<Column> columns;
  const parts::TableParts* parts = nullptr;
};

/// A version's exact hash: SHA-256 hex over its tables' names, columns, row counts and exact hashes
/// (spec/format.md, "Exact hash of a version").
std::string VersionExactHash(const std::map<std::string, HashedTable>& tables);

/// A version's duplicate hash: of one table, that table's; of several, over the sorted hashes of
/// all (spec/format.md, "Duplicate hash of a version"). 32 hex digits.
std::string VersionDuplicateHash(const std::map<std::string, HashedTable>& tables);

}  // namespace coreshed::store
