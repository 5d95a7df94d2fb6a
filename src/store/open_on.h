#pragma once

#include <coreshed/store.h>

#include <memory>
#include <string>

#include "storage/storage.h"

namespace coreshed::store {

/// A store on any storage: what Store::Open ends in, and where tests put in storages that fail.
/// `index_file`: where the catalog's index is kept; empty: in memory.
Result<std::shared_ptr<Store>> OpenOn(std::shared_ptr<storage::Storage> storage,
                                      const std::string& location, const OpenOptions& options,
                                      bool keep_index);

}  // namespace coreshed::store
