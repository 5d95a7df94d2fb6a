#include "store/side_by_side.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

namespace coreshed::store {

void SideBySide(storage::Storage::Group* group, size_t workers, size_t count,
                const std::function<bool(size_t)>& work) {
  if (group != nullptr) workers = static_cast<size_t>(group->workers_max());
  std::atomic<size_t> next = 0;
  const auto take = [&] {
    const auto member = group != nullptr ? group->Join() : nullptr;
    for (size_t i = next++; i < count; i = next++) {
      if (!work(i)) next = count;
    }
  };
  std::vector<std::jthread> threads;
  try {
    for (size_t i = 1; i < std::min(workers, count); ++i)
      threads.emplace_back(take);
  } catch (const std::system_error&) {  // no more threads: those that there are do it
  }
  take();
}

}  // namespace coreshed::store
