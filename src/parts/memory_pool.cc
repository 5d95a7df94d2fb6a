#include "parts/memory_pool.h"

#include <arrow/memory_pool.h>

namespace coreshed::parts {

arrow::MemoryPool* Pool() {
  static arrow::MemoryPool* const pool = [] {
    arrow::MemoryPool* jemalloc = nullptr;
    return arrow::jemalloc_memory_pool(&jemalloc).ok() ? jemalloc : arrow::default_memory_pool();
  }();
  return pool;
}

}  // namespace coreshed::parts
