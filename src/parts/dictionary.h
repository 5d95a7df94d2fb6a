#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <cstdint>
#include <memory>

namespace coreshed::parts {

/// The values that a dictionary array stands for; a null entry of the dictionary becomes a null.
Result<std::shared_ptr<arrow::ArrayData>> ExpandDictionary(const arrow::ArrayData& encoded);

}  // namespace coreshed::parts
