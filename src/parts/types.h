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
/// the other: same column names in the same order, and equal logical types. (That their hashes are
/// equal is not enough: the same bytes can be other values, and the duplicate sum that a file gives
/// for a part is mixed with the logical types.)
bool StoredAlike(const arrow::Schema& a, const arrow::Schema& b);

/// Whether values of this type are decimals that enter hashes with 16 bytes: of up to 38 digits,
/// whatever width Arrow keeps them in.
bool IsDecimalOf16Bytes(const arrow::DataType& type);

/// Whether a type is, or holds, a dictionary.
bool HasDictionary(const arrow::DataType& type);

/// The type of the values that dictionaries in a type stand for; the type itself where there are
/// none.
std::shared_ptr<arrow::DataType> ExpandedType(const std::shared_ptr<arrow::DataType>& type);

/// The type as parts of any version have it: without extensions and dictionaries, and with nulls
/// allowed everywhere, whatever the versions say of that.
std::shared_ptr<arrow::DataType> PlainType(const std::shared_ptr<arrow::DataType>& type);

/// The columns as parts of any version have them: what versions say differently of the same parts
/// is left out, which values a dictionary has, and whether a column may hold nulls.
std::shared_ptr<arrow::Schema> PlainSchema(const arrow::Schema& schema);

/// The type with the storage of extensions in their place.
std::shared_ptr<arrow::DataType> StorageType(const std::shared_ptr<arrow::DataType>& type);

}  // namespace coreshed::parts
