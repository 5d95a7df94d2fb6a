#pragma once

#include <coreshed/error.h>

#include <chrono>
#include <memory>
#include <string>

#include "storage/storage.h"
#include "storage/system_calls.h"

namespace coreshed::storage {

inline constexpr std::chrono::milliseconds kLockTimeout = std::chrono::seconds(30);

/// The store in an existing folder of this machine. kNotFound where there is no folder;
/// kUnsupported on network file systems, whose locks and renames do not hold between machines.
/// `lock_timeout`: how long a commit waits for another one's lock on the record's folder. `calls`
/// is for tests.
Result<std::shared_ptr<Storage>> OpenLocal(const std::string& folder,
                                           std::chrono::milliseconds lock_timeout = kLockTimeout,
                                           std::shared_ptr<SystemCalls> calls = nullptr);

/// The same after making the folder, and those above it, where they are missing; durable at return.
Result<std::shared_ptr<Storage>> MakeLocal(const std::string& folder,
                                           std::chrono::milliseconds lock_timeout = kLockTimeout,
                                           std::shared_ptr<SystemCalls> calls = nullptr);

}  // namespace coreshed::storage
