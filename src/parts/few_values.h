#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>

namespace coreshed::parts {

/// A string or binary column of few different values as a dictionary array with the entries that
/// occur: Parquet's own way to find them takes twice as long. The column itself if there are many.
Result<std::shared_ptr<arrow::Array>> EncodeFewValues(const std::shared_ptr<arrow::Array>& column);

}  // namespace coreshed::parts
