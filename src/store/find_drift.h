#pragma once

#include <coreshed/error.h>
#include <coreshed/types.h>

#include <map>
#include <string>
#include <vector>

#include "commit/entry.h"
#include "table/stored_schema.h"

namespace coreshed::store {

using ColumnsByTable = std::map<std::string, std::vector<Column>>;

Result<ColumnsByTable> ColumnsByTableOf(const commit::VersionEntry& entry,
                                        const table::StoredSchemas& schemas);

/// What a table that was given as `name`, one of `count`, is called: as it says; without a name as
/// the only one of the active version, which may be null.
///
/// Errors  kInvalidArgument   it needs a name
Result<std::string> NameOfTable(const std::string& name, size_t count,
                                const commit::VersionEntry* active);

/// DetectSchemaDrift, by renames that fit.
///
/// Errors  kInvalidArgument   a renaming of a column that is not there, or to one that isn't: a
///                            slip of the pen, which would hide what was meant
Result<Drift> DriftBetween(const ColumnsByTable& before, const ColumnsByTable& after,
                           const std::map<std::string, std::string>& renames,
                           bool widening_is_additive);

}  // namespace coreshed::store
