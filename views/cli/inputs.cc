#include "cli/inputs.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <filesystem>
#include <iterator>
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

/// One file, of no record.
std::vector<OpenedFile> OpenOne(const RecordFile& file, const OpenFileOptions& reading) {
  std::vector<OpenedFile> all;
  all.push_back(Take(OpenFile(file.input, reading)));
  auto unused = reading.types;
  for (const auto& table : all.front().tables) {
    for (const auto& column : table.reader->schema()->field_names())
      unused.erase(column);
  }
  if (!unused.empty()) {
    throw Failure(Error{ErrorKind::kInvalidArgument,
                        "--type: the file has no column '" + unused.begin()->first + "'."});
  }
  return all;
}

}  // namespace

Inputs OpenInputs(const FileArguments& arguments, const std::optional<ForRecord>& record) {
  const auto files = FilesOf(arguments);
  const auto reading = ReadingOf(arguments);
  auto all = record ? Take(record->store->OpenFilesFor(record->ref, files,
                                                       {record->renames, record->schema, reading}))
                    : OpenOne(files.front(), reading);
  // Alone it is left for the store to name.
  if (all.size() == 1 && all.front().tables.size() == 1) {
    all.front().tables.front().name = files.front().table;
  }
  std::vector<TableInput> tables;
  std::vector<std::string> warnings;
  for (auto& file : all) {
    std::move(file.tables.begin(), file.tables.end(), std::back_inserter(tables));
    std::move(file.warnings.begin(), file.warnings.end(), std::back_inserter(warnings));
  }
  std::optional<Source> source;
  if (all.size() == 1) source = std::move(all.front().source);
  return {Data(std::move(tables)), std::move(source), std::move(warnings)};
}

}  // namespace coreshed::cli
