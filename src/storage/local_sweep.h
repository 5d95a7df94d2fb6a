#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/local_files.h"
#include "storage/storage.h"

namespace coreshed::storage {

/// Storage::List, SweepRecords and SweepTemporary of a local store.
Result<void> ListLocal(const LocalRoot& root, const std::string& prefix,
                       const std::function<bool(const ObjectStat&)>& visit);
Result<std::vector<RecordStamp>> SweepLocalRecords(const LocalRoot& root);
Result<void> SweepLocalTemporary(const LocalRoot& root, int64_t before_us, bool dry_run,
                                 const std::function<void(const ObjectStat&)>& visit);
/// Storage::SweepTemporaryOf.
Result<void> SweepLocalTemporaryOf(const LocalRoot& root, const std::string& segment,
                                   const std::function<void(const ObjectStat&)>& visit);

/// Remove the folder `key` below `folder` with all that is in it; that there is none is success.
Result<void> RemoveTree(const LocalRoot& root, int folder, const std::string& key);

}  // namespace coreshed::storage
