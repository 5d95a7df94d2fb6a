#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace coreshed::sources {

/// The types that columns of a table must have, by name: `options.types`, and for other columns
/// those of the schema's table that is called by the first of `names`, or is the schema's only one.
Result<std::map<std::string, std::shared_ptr<arrow::DataType>>> GivenTypes(
    const OpenFileOptions& options, const std::vector<std::string>& names);

/// A type that was given, as a person writes it: "decimal(8,2)".
std::string NameOfGiven(const arrow::DataType& type);

}  // namespace coreshed::sources
