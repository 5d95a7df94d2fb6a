#pragma once

#include <coreshed/coreshed.h>

#include <optional>
#include <string>
#include <vector>

namespace coreshed::cli {

/// The tables that a command is given: `FILE` or `TABLE=FILE`, `-` for standard input.
struct Inputs {
  Data data;
  std::optional<Source> source;  ///< of a single file
};

/// Open them. A single file without a table's name is left for the store to name; of several each
/// table is called as its file is. `format`: "csv", "parquet", "arrow", or empty: by the ending.
Inputs OpenInputs(const std::vector<std::string>& arguments, const std::string& format);

/// "csv", "parquet" or "arrow".
std::optional<FileFormat> ParseFormat(const std::string& name);

}  // namespace coreshed::cli
