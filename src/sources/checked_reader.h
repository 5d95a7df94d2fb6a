#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <memory>
#include <string>

#include "sources/batch_pool.h"
#include "sources/input.h"

namespace coreshed::sources {

/// The batches of a reader over a file from outside, each checked through and through (offsets,
/// UTF-8) before anybody works with it. Faults name the file and what kind it should be. `pool`:
/// what `reader` takes its memory from. `limits`: what unpacks to more than `unpacked_bytes`, and
/// to more than `ratio` times the file's size, is refused.
std::shared_ptr<arrow::RecordBatchReader> MakeChecked(
    std::shared_ptr<InputFile> input, std::shared_ptr<arrow::RecordBatchReader> reader,
    std::shared_ptr<BatchPool> pool, std::string kind, const FileLimits& limits);

}  // namespace coreshed::sources
