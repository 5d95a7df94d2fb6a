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

Schemas SchemasOf(Store& store, const std::string& ref,
                  const std::map<std::string, std::string>& renames) {
  auto schemas = store.Schemas(ref);
  if (!schemas) return {};
  for (auto& [table, schema] : *schemas) {
    arrow::FieldVector fields;
    for (const auto& field : schema->fields()) {
      const auto renamed = renames.find(field->name());
      fields.push_back(renamed == renames.end() ? field : field->WithName(renamed->second));
    }
    schema = arrow::schema(std::move(fields), schema->metadata());
  }
  return *std::move(schemas);
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

namespace {

/// A file that says the types of its columns itself: nobody needs to be asked for others.
bool IsTyped(const FileArguments& arguments, const std::string& path) {
  auto format = ParseFileFormat(arguments.format);
  if (const auto by_name = FormatOfFile(path); !format && by_name) format = *by_name;
  return format == FileFormat::kParquet || format == FileFormat::kArrow ||
         format == FileFormat::kSasXpt || format == FileFormat::kSas7bdat;
}

/// Those of a file that becomes the table `name`; of all tables where it is not said.
Schemas LikeOf(const Schemas& known, const std::string& name) {
  const auto found = known.find(name);
  if (found == known.end()) return name.empty() ? known : Schemas();
  return {*found};
}

}  // namespace

OpenFileOptions ReadingOf(const FileArguments& arguments) {
  OpenFileOptions options;
  options.format = ParseFileFormat(arguments.format);
  options.types = TypesOf(arguments.types);
  options.encoding = arguments.encoding;
  return options;
}

Inputs OpenInputs(const FileArguments& arguments, const std::function<Schemas()>& known_schemas) {
  if (std::count_if(arguments.files.begin(), arguments.files.end(),
                    [](const auto& argument) { return Divide(argument).path == "-"; }) > 1) {
    throw Failure(Error{ErrorKind::kInvalidArgument, "Standard input can be read only once."});
  }
  std::vector<TableInput> tables;
  std::optional<Source> source;
  std::vector<std::string> warnings;
  OpenFileOptions options = ReadingOf(arguments);
  auto unused = options.types;
  std::optional<Schemas> like;
  for (const auto& argument : arguments.files) {
    const auto [table, path] = Divide(argument);
    if (path.empty()) {
      throw Failure(Error{ErrorKind::kInvalidArgument, "'" + argument + "' names no file."});
    }
    if (!like && known_schemas && !IsTyped(arguments, path)) like = known_schemas();
    std::string name = table;
    if (name.empty() && arguments.files.size() > 1) {
      name = std::filesystem::path(path).stem().string();
    }
    if (like) options.like = LikeOf(*like, name);
    auto opened = Take(OpenFile({path}, options));
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
