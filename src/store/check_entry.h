#pragma once

#include <string>
#include <vector>

#include "commit/document.h"
#include "table/stored_schema.h"

namespace coreshed::store {

/// What is wrong with what an entry says of its data, and by which rule (spec/format.md,
/// "Invariants"). The data themselves are not looked at.
struct EntryFault {
  const char* rule;
  std::string sentence;
};
std::vector<EntryFault> CheckEntry(const commit::VersionEntry& entry,
                                   const table::StoredSchemas& schemas);

}  // namespace coreshed::store
