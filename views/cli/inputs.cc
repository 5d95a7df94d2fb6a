#include "cli/inputs.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <filesystem>
#include <utility>

#include "cli/arguments.h"
#include "cli/failure.h"

namespace coreshed::cli {
namespace {

struct Named {
  std::string table, path;
};

/// An `=` divides table and file, unless there is a file that is called so.
Named Divide(const std::string& argument) {
  std::error_code code;
  const auto equals = argument.find('=');
  if (equals == argument.npos || std::filesystem::exists(argument, code)) return {"", argument};
  return {argument.substr(0, equals), argument.substr(equals + 1)};
}

std::map<std::string, std::shared_ptr<arrow::DataType>> TypesOf(
    const std::vector<std::string>& texts) {
  std::map<std::string, std::shared_ptr<arrow::DataType>> types;
  for (const auto& [column, type] : ParsePairs(texts, "type: write it as column=type"))
    types[column] = Take(TypeNamed(type));
  return types;
}

}  // namespace

std::string Alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text += (text.empty() ? "" : "|") + name;
  return text;
}

void FileArguments::AddTo(CLI::App* verb, const std::string& files_help) {
  verb->add_option("FILE", files, files_help)->required();
  AddReadingTo(verb);
}

void FileArguments::AddReadingTo(CLI::App* verb) {
  verb->add_option("-f,--format", format, "What the files are, if their endings don't tell")
      ->check(CLI::IsMember(FileFormatNames()))
      ->type_name(Alternatives(FileFormatNames()));
  verb->add_option("--type", types,
                   "Of a column of CSV, JSON or Excel: code=string, depth=decimal(8,2), …")
      ->type_name("COLUMN=TYPE");
  verb->add_option("--encoding", encoding, "Of text files, if their bytes don't tell")
      ->check(CLI::IsMember({"utf-8", "utf-16", "latin-1"}))
      ->type_name("utf-8|utf-16|latin-1");
}

OpenFileOptions ReadingOf(const FileArguments& arguments) {
  OpenFileOptions options;
  options.format = ParseFileFormat(arguments.format);
  options.types = TypesOf(arguments.types);
  options.encoding = arguments.encoding;
  return options;
}

namespace {

OpenedFile Open(const std::string& path, const std::string& table, const OpenFileOptions& reading,
                const std::optional<ForRecord>& record) {
  if (!record) return Take(OpenFile({path}, reading));
  return Take(record->store->OpenFileFor(record->ref, {path},
                                         {table, record->renames, record->schema, reading}));
}

}  // namespace

Inputs OpenInputs(const FileArguments& arguments, const std::optional<ForRecord>& record) {
  if (std::count_if(arguments.files.begin(), arguments.files.end(),
                    [](const auto& argument) { return Divide(argument).path == "-"; }) > 1) {
    throw Failure(Error{ErrorKind::kInvalidArgument, "Standard input can be read only once."});
  }
  std::vector<TableInput> tables;
  std::optional<Source> source;
  std::vector<std::string> warnings;
  const OpenFileOptions options = ReadingOf(arguments);
  auto unused = options.types;
  for (const auto& argument : arguments.files) {
    const auto [table, path] = Divide(argument);
    if (path.empty()) {
      throw Failure(Error{ErrorKind::kInvalidArgument, "'" + argument + "' names no file."});
    }
    std::string name = table;
    if (name.empty() && arguments.files.size() > 1) {
      name = std::filesystem::path(path).stem().string();
    }
    auto opened = Open(path, name, options, record);
    if (opened.tables.size() == 1) {
      // Alone it is left for the store to name.
      if (path != "-" || arguments.files.size() == 1) opened.tables.front().name = name;
    } else if (!table.empty()) {
      throw Failure(Error{ErrorKind::kInvalidArgument,
                          path + " holds " + std::to_string(opened.tables.size()) +
                              " tables, which have names: leave '" + table + "=' out."});
    }
    for (auto& one : opened.tables) {
      for (const auto& column : one.reader->schema()->field_names())
        unused.erase(column);
      tables.push_back(std::move(one));
    }
    source = std::move(opened.source);
    warnings.insert(warnings.end(), opened.warnings.begin(), opened.warnings.end());
  }
  if (!unused.empty()) {
    throw Failure(Error{ErrorKind::kInvalidArgument,
                        "--type: no file has a column '" + unused.begin()->first + "'."});
  }
  if (arguments.files.size() > 1) source.reset();
  return {Data(std::move(tables)), std::move(source), std::move(warnings)};
}

}  // namespace coreshed::cli
