#pragma once

#include <cstddef>
#include <functional>

#include "storage/storage.h"

namespace coreshed::store {

/// Do `work` for each number below `count`, in threads that each take the next one; false: no
/// further one is begun. `group`, if any, says how many threads there may be, and each is a member
/// of it; else there are `workers`. Where the system has no thread to give, fewer do it.
void SideBySide(storage::Storage::Group* group, size_t workers, size_t count,
                const std::function<bool(size_t)>& work);

}  // namespace coreshed::store
