#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <memory>
#include <string>

namespace coreshed::parts {

/// The type that values of `type` are handed to Parquet as: the nearest one that Parquet brings
/// back unchanged. Dictionaries are stored as their values, date64 as date32, seconds as
/// milliseconds.
std::shared_ptr<arrow::DataType> StoredType(const std::shared_ptr<arrow::DataType>& type);

/// A schema's fields with their stored types, without metadata.
std::shared_ptr<arrow::Schema> StoredSchema(const arrow::Schema& schema);

/// A column with its stored type.
///
/// Errors  kUnsupported  a value that would not come back as it is, e.g. a date64 within a day
Result<std::shared_ptr<arrow::Array>> ToStored(const std::shared_ptr<arrow::Array>& column,
                                               const std::string& name);

}  // namespace coreshed::parts
