#pragma once

#include <arrow/array/data.h>
#include <coreshed/error.h>

#include <memory>

// Arrays brought to begin at the beginning of their buffers, for those who change their children.

namespace coreshed::parts {

/// The validity bitmap of an array, beginning at bit 0; null where there are no nulls.
Result<std::shared_ptr<arrow::Buffer>> ValidityFromZero(const arrow::ArrayData& data);

/// A list, large list, fixed-size list or map with offset 0, and a child that holds its elements
/// only.
Result<std::shared_ptr<arrow::ArrayData>> ListFromZero(const arrow::ArrayData& data);

}  // namespace coreshed::parts
