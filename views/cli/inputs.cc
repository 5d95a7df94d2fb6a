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

std::vector<RecordFile> FilesOf(const FileArguments& arguments) {
  std::vector<RecordFile> files;
  bool has_stream = false;
  for (const auto& argument : arguments.files) {
    auto [table, path] = Divide(argument);
    if (path.empty()) {
      throw Failure(Error{ErrorKind::kInvalidArgument, "'" + argument + "' names no file."});
    }
    if (path == "-" && std::exchange(has_stream, true)) {
      throw Failure(Error{ErrorKind::kInvalidArgument, "Standard input can be read only once."});
    }
    files.push_back({{std::move(path)}, std::move(table)});
  }
  return files;
}

std::vector<OpenedFile> Open(const std::vector<RecordFile>& files, const OpenFileOptions& reading,
                             const std::optional<ForRecord>& record) {
  if (record) {
    return Take(record->store->OpenFilesFor(record->ref, files,
                                            {record->renames, record->schema, reading}));
  }
  std::vector<OpenedFile> all;
  for (const auto& file : files)
    all.push_back(Take(OpenFile(file.input, reading)));
  return all;
}

/// Name what a file holds as it was said, or as the file is called; alone it is left for the store
/// to name.
void NameTables(const RecordFile& file, bool is_alone, std::vector<TableInput>* tables) {
  const std::string& path = file.input.path;
  if (tables->size() == 1) {
    const std::string stem = std::filesystem::path(path).stem().string();
    const bool is_named = !file.table.empty() || is_alone;
    if (is_named || path != "-") tables->front().name = is_named ? file.table : stem;
  } else if (!file.table.empty()) {
    throw Failure(Error{ErrorKind::kInvalidArgument,
                        path + " holds " + std::to_string(tables->size()) +
                            " tables, which have names: leave '" + file.table + "=' out."});
  }
}

}  // namespace

Inputs OpenInputs(const FileArguments& arguments, const std::optional<ForRecord>& record) {
  const OpenFileOptions options = ReadingOf(arguments);
  const auto files = FilesOf(arguments);
  auto all = Open(files, options, record);
  std::vector<TableInput> tables;
  std::vector<std::string> warnings;
  auto unused = options.types;
  for (size_t i = 0; i < files.size(); ++i) {
    NameTables(files[i], files.size() == 1, &all[i].tables);
    for (auto& table : all[i].tables) {
      for (const auto& column : table.reader->schema()->field_names())
        unused.erase(column);
      tables.push_back(std::move(table));
    }
    warnings.insert(warnings.end(), all[i].warnings.begin(), all[i].warnings.end());
  }
  if (!unused.empty()) {
    throw Failure(Error{ErrorKind::kInvalidArgument,
                        "--type: no file has a column '" + unused.begin()->first + "'."});
  }
  std::optional<Source> source;
  if (files.size() == 1) source = std::move(all.front().source);
  return {Data(std::move(tables)), std::move(source), std::move(warnings)};
}

}  // namespace coreshed::cli
