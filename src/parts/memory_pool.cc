#include "parts/memory_pool.h"

#include <arrow/memory_pool.h>

#include "base/environment.h"

namespace coreshed::parts {

arrow::MemoryPool* Pool() {
  static arrow::MemoryPool* const pool = [] {
    // Arrow's own setting. The sanitizers' tests choose the system's pool, which they can look
    // into.
    const bool is_chosen = !EnvironmentVariable("ARROW_DEFAULT_MEMORY_POOL").empty();
    if (is_chosen) return arrow::default_memory_pool();
    arrow::MemoryPool* jemalloc = nullptr;
    return arrow::jemalloc_memory_pool(&jemalloc).ok() ? jemalloc : arrow::default_memory_pool();
  }();
  return pool;
}

}  // namespace coreshed::parts
