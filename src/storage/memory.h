#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "storage/storage.h"

namespace coreshed::storage {

/// A store in memory that behaves as S3 does: keys and conditional puts, no rename, no locks, no
/// folders; what a stage put is there once settled, and stays when the stage ends without a swap.
/// `clock` (microseconds since 1970; empty: the system's) gives the time of every answer and
/// object.
std::shared_ptr<Storage> MakeMemoryStorage(std::function<int64_t()> clock = nullptr);

}  // namespace coreshed::storage
