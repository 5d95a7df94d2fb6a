#pragma once

#include <coreshed/error.h>

#include <chrono>
#include <memory>
#include <string>

#include "storage/storage.h"
#include "storage/system_calls.h"

namespace coreshed::storage {

struct LocalOptions {
  /// How long a commit waits for another process's lock on the record's folder.
  std::chrono::milliseconds lock_timeout = std::chrono::seconds(10);
  /// Empty: the system's own.
  std::shared_ptr<SystemCalls> calls = nullptr;
};

/// The store in an existing folder of this machine. kNotFound where there is no folder; kUnsupported
/// on network file systems, whose locks and renames do not hold between machines.
Result<std::shared_ptr<Storage>> OpenLocal(const std::string& folder, LocalOptions options = {});

/// The same after making the folder, and those above it, where they are missing; durable at return.
Result<std::shared_ptr<Storage>> MakeLocal(const std::string& folder, LocalOptions options = {});

}  // namespace coreshed::storage
