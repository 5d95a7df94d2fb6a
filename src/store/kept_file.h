#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <string>

#include "commit/entry.h"
#include "sources/input.h"
#include "storage/storage.h"

/// Files that are kept beside a version's data (spec/format.md, "Kept files").
namespace coreshed::store {

/// Put `file`, whose bytes have this SHA-256, through a stage.
Result<commit::KeptFile> PutKept(const std::string& what, const sources::InputFile& file,
                                 const std::string& sha256, storage::Stage& stage);

/// Whether an object is there with these bytes.
///
/// Errors  kCorruption, with kMissingField where it is not there; kIo
Result<void> CheckBytes(storage::Storage& storage, const std::string& key, int64_t size_bytes,
                        const std::string& sha256);

/// Whether an object is there with this size.
Result<void> CheckSize(storage::Storage& storage, const std::string& key, int64_t size_bytes);

}  // namespace coreshed::store
