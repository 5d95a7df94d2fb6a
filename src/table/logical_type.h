#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <string>

namespace coreshed::table {

/// How deep types may nest, counted in Arrow's types: a list of structs of numbers is three. The
/// JSON of a schema then nests at most 64 deep, which every reader of metadata.json takes.
inline constexpr int kTypeDepthMax = 20;

/// The documented name of a type, whatever its encoding: utf8, large_utf8 and a dictionary of utf8
/// are all "string" (spec/schema.md, "Logical types").
///
/// Errors  kUnsupported   a type that no Parquet file can hold exactly, named
Result<std::string> LogicalType(const arrow::DataType& type);

/// The same of a column. Arrow shows a column of an extension type that this process doesn't know
/// as its storage, with the extension's name in the metadata; it is named as where it is known.
Result<std::string> LogicalType(const arrow::Field& field);

}  // namespace coreshed::table
