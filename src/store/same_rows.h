#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <stop_token>
#include <string>

namespace coreshed::store {

/// Read two tables side by side, in bounded memory. Empty: they have the same columns, and the same
/// rows in the same order, by the exact hash of content; else what differs, as part of a sentence.
///
/// Errors  those of the readers; kCancelled
Result<std::string> FindDifference(arrow::RecordBatchReader& one, arrow::RecordBatchReader& other,
                                   const std::stop_token& stop);

}  // namespace coreshed::store
