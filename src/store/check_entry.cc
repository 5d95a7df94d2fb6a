#include "store/check_entry.h"

#include <coreshed/content.h>

#include <map>
#include <utility>

#include "store/content_hash.h"
#include "store/stored_columns.h"

namespace coreshed::store {

std::vector<EntryFault> CheckEntry(const commit::VersionEntry& entry,
                                   const table::StoredSchemas& schemas) {
  std::vector<EntryFault> faults;
  std::map<std::string, HashedTable> hashed;
  for (const auto& [name, table] : entry.tables) {
    auto columns = StoredColumns(table, schemas);
    if (!columns || !SchemaOf(table, schemas)) {
      return {{"schema", "the schema of table '" + name + "' is damaged"}};
    }
    if (SchemaFingerprint(*columns) != table.fingerprint) {
      faults.push_back(
          {"fingerprint", "the fingerprint of table '" + name + "' is not its schema's"});
    }
    hashed[name] = {std::move(columns).value(), &table.parts};
  }
  if (VersionExactHash(hashed) != entry.exact_hash) {
    faults.push_back({"exact_hash", "its exact hash does not follow from its tables"});
  }
  if (VersionDuplicateHash(hashed) != entry.duplicate_hash) {
    faults.push_back({"duplicate_hash", "its duplicate hash does not follow from its tables"});
  }
  return faults;
}

}  // namespace coreshed::store
