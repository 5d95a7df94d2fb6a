#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <string>

namespace coreshed::table {

inline constexpr int kColumnsMax = 20'000;
inline constexpr int kColumnNameBytesMax = 1'000;
inline constexpr int kTableNameBytesMax = 100;
/// Of all of a schema's metadata; they are written with every commit.
inline constexpr int64_t kMetadataBytesMax = int64_t{16} << 20;

/// Whether the columns of a table, and the fields of structs in them, have names that can be
/// stored: there are any, none is empty, given twice, longer than 1,000 bytes, not UTF-8 or with
/// control characters.
///
/// Errors  kValidation    the column is named, or numbered where its name can't be shown
///         kUnsupported   types nested too deeply
Result<void> CheckNames(const arrow::Schema& schema);

/// Whether a table may be called that: 1 to 100 bytes of UTF-8 without control characters, not `.`
/// or `..`. Errors  kInvalidArgument
Result<void> CheckTableName(const std::string& name);

}  // namespace coreshed::table
