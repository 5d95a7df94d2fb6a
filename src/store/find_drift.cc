#include "store/find_drift.h"

#include <coreshed/content.h>

#include <algorithm>

#include "base/result.h"
#include "store/stored_columns.h"

namespace coreshed::store {
namespace {

constexpr const char* kDefaultTable = "data";

bool HasColumn(const std::vector<Column>& columns, const std::string& name) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const Column& column) { return column.name == name; });
}

Result<void> CheckRenames(const std::map<std::string, std::string>& renames,
                          const ColumnsByTable& before, const ColumnsByTable& after) {
  for (const auto& [from, to] : renames) {
    bool was_there = false, is_there = false;
    for (const auto& [name, columns] : before) {
      const bool names_it =
          from.starts_with(name + ".") && HasColumn(columns, from.substr(name.size() + 1));
      if (!names_it && !HasColumn(columns, from)) continue;
      was_there = true;
      const auto now = after.find(name);
      is_there = is_there || (now != after.end() && HasColumn(now->second, to));
    }
    if (was_there && is_there) continue;
    return Error{ErrorKind::kInvalidArgument,
                 "'" + from + "' can't have been renamed to '" + to + "': there is no column '" +
                     (was_there ? to + "' in what is written." : from + "'.")};
  }
  return {};
}

}  // namespace

Result<ColumnsByTable> ColumnsByTableOf(const commit::VersionEntry& entry,
                                        const table::StoredSchemas& schemas) {
  ColumnsByTable all;
  for (const auto& [name, table] : entry.tables) {
    CORESHED_ASSIGN(all[name], StoredColumns(table, schemas));
  }
  return all;
}

Result<std::string> NameOfTable(const std::string& name, size_t count,
                                const commit::VersionEntry* active) {
  if (!name.empty()) return name;
  const bool one = active != nullptr && active->tables.size() == 1;
  if (count > 1 || (active != nullptr && !one)) {
    return Error{ErrorKind::kInvalidArgument,
                 "Each table needs its name where a record has several tables."};
  }
  return one ? active->tables.begin()->first : std::string(kDefaultTable);
}

Result<Drift> DriftBetween(const ColumnsByTable& before, const ColumnsByTable& after,
                           const std::map<std::string, std::string>& renames,
                           bool widening_is_additive) {
  CORESHED_TRY(CheckRenames(renames, before, after));
  return DetectSchemaDrift(before, after, renames, widening_is_additive);
}

}  // namespace coreshed::store
