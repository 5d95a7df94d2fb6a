#pragma once

#include <vector>

#include "catalog/catalog.h"
#include "catalog/record_table.h"

namespace coreshed::catalog {

/// The present content of records whose stamps are new, by `load`, on several threads where there
/// are many. A record that can't be loaded has `corrupt` set, and an empty stamp, so that it is
/// loaded again next time. Segments that stand for no id a caller can use are left out.
std::vector<RecordTable::NewRow> LoadRecords(
    const std::vector<const storage::RecordStamp*>& records, const LoadRecord& load);

}  // namespace coreshed::catalog
