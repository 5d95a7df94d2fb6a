#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <vector>

namespace coreshed::validate {

/// The rows that are wanted, of any type that can be stored.
Result<std::shared_ptr<arrow::RecordBatch>> Filtered(const arrow::RecordBatch& rows,
                                                     const std::vector<bool>& is_wanted);

}  // namespace coreshed::validate
