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

}  // namespace

std::optional<FileFormat> ParseFormat(const std::string& name) {
  if (name == "csv") return FileFormat::kCsv;
  if (name == "parquet") return FileFormat::kParquet;
  if (name == "arrow") return FileFormat::kArrow;
  return std::nullopt;
}

Schemas SchemasOf(Store& store, const std::string& ref,
                  const std::map<std::string, std::string>& renames) {
  Schemas schemas;
  const auto resolved = store.Resolve(ref);
  if (!resolved || resolved->version.purged) return schemas;
  const std::string base =
      RefPart(resolved->record_id) + "@v" + std::to_string(resolved->version.version) + "#";
  for (const auto& table : resolved->version.tables) {
    const auto reading = store.Read(base + RefPart(table.name));
    if (!reading) continue;
    arrow::FieldVector fields;
    for (const auto& field : reading->rows->schema()->fields()) {
      const auto renamed = renames.find(field->name());
      fields.push_back(renamed == renames.end() ? field : field->WithName(renamed->second));
    }
    schemas[table.name] = arrow::schema(std::move(fields));
  }
  return schemas;
}

Inputs OpenInputs(const std::vector<std::string>& arguments, const std::string& format,
                  const Schemas& like) {
  if (std::count_if(arguments.begin(), arguments.end(),
                    [](const auto& argument) { return Divide(argument).path == "-"; }) > 1) {
    throw Failure(Error{ErrorKind::kInvalidArgument, "Standard input can be read only once."});
  }
  std::vector<TableInput> tables;
  std::optional<Source> source;
  for (const auto& argument : arguments) {
    const auto [table, path] = Divide(argument);
    if (path.empty()) {
      throw Failure(Error{ErrorKind::kInvalidArgument, "'" + argument + "' names no file."});
    }
    std::string name = table;
    if (name.empty() && arguments.size() > 1) name = std::filesystem::path(path).stem().string();
    auto known = like.find(name);
    if (name.empty() && like.size() == 1) known = like.begin();
    auto opened = Take(
        OpenTableFile(path, ParseFormat(format), known == like.end() ? nullptr : known->second));
    if (name == "-") name = opened.table_name;
    tables.push_back({std::move(name), nullptr, std::move(opened.rows)});
    source = std::move(opened.source);
  }
  if (arguments.size() > 1) source.reset();
  return {Data(std::move(tables)), std::move(source)};
}

}  // namespace coreshed::cli
