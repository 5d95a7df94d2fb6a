#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <map>
#include <memory>
#include <string>

#include "sources/table_file.h"

namespace coreshed::sources {

/// What is wanted of the columns of a table, by name.
struct WantedTypes {
  std::shared_ptr<arrow::Schema> like;  ///< where it takes all values; may be null
  std::map<std::string, std::shared_ptr<arrow::DataType>> given;  ///< whatever the values
};

/// `like`: the table as it was, may be null. The types that the schema has for a table of this name
/// are wished for over those; of cells they say what they stand for. `is_only`: the file has no
/// other table, so that the name does not count where the schema has one, too.
Result<WantedTypes> WantedFor(const OpenOptions& options, std::shared_ptr<arrow::Schema> like,
                              const std::string& table, bool is_only);

/// A type that was given, as a person writes it: "decimal(8,2)".
std::string NameOfGiven(const arrow::DataType& type);

}  // namespace coreshed::sources
