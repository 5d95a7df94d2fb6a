#pragma once

#include <arrow/io/type_fwd.h>

#include <cstdint>
#include <string>

#include "storage/local_files.h"
#include "storage/storage.h"

namespace coreshed::storage {

/// Storage::CopyIn and HoldsCopy in a folder (spec/commit.md, "Copying"). A copy is written under a
/// temporary name in the record's folder, synced, and renamed under the record's lock, if the
/// metadata.json there is still the one that says that a copy is under way. So it has an inode of
/// its own, whatever lay under the name, and comes only while it is asked for. It can't be written
/// to, which tells it from what writers make, and take away again. Its entry is made durable by the
/// commit of the copy (Stage::Include).
Result<CopyOutcome> CopyInLocal(const LocalRoot& root, const CopyPlace& to,
                                arrow::io::RandomAccessFile& from, int64_t size_bytes);
Result<bool> HoldsLocalCopy(const LocalRoot& root, const CopyPlace& to, int64_t size_bytes);

/// A source that ends before its size.
Error CutShort(const std::string& path);

}  // namespace coreshed::storage
