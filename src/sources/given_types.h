#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <map>
#include <memory>
#include <string>

namespace coreshed::sources {

/// The types that columns of a table must have, by name: `options.types`, and for other columns
/// those of the schema's table of this name. `is_only`: the file has no other table, so that the
/// name does not count where the schema has none either.
Result<std::map<std::string, std::shared_ptr<arrow::DataType>>> GivenTypes(
    const OpenFileOptions& options, const std::string& table, bool is_only);

/// A type that was given, as a person writes it: "decimal(8,2)".
std::string NameOfGiven(const arrow::DataType& type);

}  // namespace coreshed::sources
