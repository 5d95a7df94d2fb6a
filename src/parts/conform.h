#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <span>

namespace coreshed::parts {

/// Bring an array as Parquet gave it to the type it was handed in as. Exact, or kCorruption: types
/// that StoredAlike does not take for one are not brought together.
///
/// `dictionaries`: what the dictionaries in the type hold, outermost first (null: not known, then
/// it is what occurs in the array, in order).
Result<std::shared_ptr<arrow::Array>> Conform(
    const std::shared_ptr<arrow::Array>& array, const std::shared_ptr<arrow::DataType>& type,
    std::span<const std::shared_ptr<arrow::Array>> dictionaries = {});

}  // namespace coreshed::parts
