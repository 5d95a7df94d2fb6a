#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>

namespace coreshed::parts {

/// Whether tables of this schema come back exactly as they went in.
///
/// Errors  kUnsupported  names the column, its type, and what to convert it to
Result<void> CheckTypes(const arrow::Schema& schema);

/// Whether the same rows of both schemas are stored alike, so that parts of the one can be parts of
/// the other: same column names in the same order, and types that differ at most in how strings,
/// dictionaries, lists, small decimals or extensions are laid out in memory.
bool StoredAlike(const arrow::Schema& a, const arrow::Schema& b);

/// One type for all that are stored alike, without dictionaries and extensions.
std::shared_ptr<arrow::DataType> NormalType(const std::shared_ptr<arrow::DataType>& type);

}  // namespace coreshed::parts
