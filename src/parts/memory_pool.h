#pragma once

#include <arrow/type_fwd.h>

namespace coreshed::parts {

/// What tables are decoded and encoded in: jemalloc where Arrow has it. mimalloc, Arrow's default,
/// spends half a millisecond of a process's first read on reserving memory. Another one where
/// ARROW_DEFAULT_MEMORY_POOL names it.
arrow::MemoryPool* Pool();

}  // namespace coreshed::parts
