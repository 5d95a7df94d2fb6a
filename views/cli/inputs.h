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
  std::optional<Source> source;       ///< of a single file
  std::vector<std::string> warnings;  ///< of how the files were read
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
  std::string format;              ///< FileFormatName, or empty: by the ending
  std::vector<std::string> types;  ///< of columns of text files, COLUMN=TYPE each
  std::string encoding;            ///< of text files, or empty: the bytes tell

  void AddTo(CLI::App* verb, const std::string& files_help);
  /// Only how they are read.
  void AddReadingTo(CLI::App* verb);
};

/// How the arguments say that a file is to be read.
OpenFileOptions ReadingOf(const FileArguments& arguments);

/// Open the files. A single one without a table's name is left for the store to name; of several
/// each table is called as its file is. `known_schemas` is asked once.
/// Throws Failure; so a column of `types` that no file has.
Inputs OpenInputs(const FileArguments& arguments, const std::function<Schemas()>& known_schemas);

/// "a|b|c", for helps.
std::string Alternatives(const std::vector<std::string>& names);

}  // namespace coreshed::cli
