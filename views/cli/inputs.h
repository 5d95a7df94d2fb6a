#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/coreshed.h>

#include <CLI/App.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace coreshed::cli {

/// The tables that a command is given: `FILE` or `TABLE=FILE`, `-` for standard input.
struct Inputs {
  Data data;
  std::optional<Source> source;  ///< of a single file
};

/// The schemas of a record's tables, by name: what CSV files are read like.
using Schemas = std::map<std::string, std::shared_ptr<arrow::Schema>>;

/// Those of a version, under the new names of columns that `renames` (old → new) names. None where
/// the ref stands for nothing: the call that follows says so.
Schemas SchemasOf(Store& store, const std::string& ref,
                  const std::map<std::string, std::string>& renames);

/// How a verb's files are read: options that all verbs which take files have.
struct FileArguments {
  std::vector<std::string> files;
  std::string format;              ///< "csv", "excel", "parquet", "arrow", or empty: by the ending
  std::vector<std::string> types;  ///< of CSV columns, COLUMN=TYPE each

  void AddTo(CLI::App* verb, const std::string& files_help);
  /// Only how they are read.
  void AddReadingTo(CLI::App* verb);
};

/// Open the files. A single one without a table's name is left for the store to name; of several
/// each table is called as its file is. `known_schemas` is asked, once, if there is a CSV file.
/// Throws Failure; so a column of `types` that no file has.
Inputs OpenInputs(const FileArguments& arguments, const std::function<Schemas()>& known_schemas);

/// "csv", "excel", "parquet" or "arrow".
std::optional<FileFormat> ParseFormat(const std::string& name);

}  // namespace coreshed::cli
