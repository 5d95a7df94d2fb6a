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

/// What files are opened for: a record as it is, and its new columns.
struct ForRecord {
  Store* store = nullptr;
  std::string ref;                                  ///< empty: a new one
  std::map<std::string, std::string> renames = {};  ///< columns, old → new
  std::string schema = {};                          ///< to be kept; empty: the record's
};

/// Open the files, as Store::OpenFilesFor; without `record` the only one.
/// Throws Failure.
Inputs OpenInputs(const FileArguments& arguments,
                  const std::optional<ForRecord>& record = std::nullopt);

/// "a|b|c", for helps.
std::string Alternatives(const std::vector<std::string>& names);

}  // namespace coreshed::cli
