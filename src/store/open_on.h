#pragma once

#include <coreshed/store.h>

#include <chrono>
#include <memory>
#include <string>

#include "storage/storage.h"

namespace coreshed::store {

/// A store on any storage: what Store::Open ends in, and where tests put in storages that fail.
/// `index_file`: where the catalog's index is kept; empty: in memory.
Result<std::shared_ptr<Store>> OpenOn(std::shared_ptr<storage::Storage> storage,
                                      const std::string& location, const OpenOptions& options,
                                      bool keep_index);

/// Whether a location can be one of a store: a folder, or "s3://…".
Result<void> CheckLocation(const std::string& location);

/// The storage at a place as Store::Open takes it; `create`: a folder that is missing is made.
Result<std::shared_ptr<storage::Storage>> StorageAt(const std::string& location, bool create,
                                                    std::chrono::milliseconds timeout,
                                                    const S3Options& s3);

/// See that a store with this id lies on a storage, or make it.
///
/// Errors  kInvalidArgument  another store lies there
Result<void> EnsureStore(storage::Storage& storage, const std::string& location,
                         const std::string& store_id);

}  // namespace coreshed::store
