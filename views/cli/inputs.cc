#include "cli/inputs.h"

#include <arrow/record_batch.h>

#include <filesystem>
#include <utility>

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

Inputs OpenInputs(const std::vector<std::string>& arguments, const std::string& format) {
  const auto wanted = ParseFormat(format);
  std::vector<TableInput> tables;
  std::optional<Source> source;
  for (const auto& argument : arguments) {
    const auto [table, path] = Divide(argument);
    auto opened = Take(wanted ? OpenTableFile(path, *wanted) : OpenTableFile(path));
    std::string name = table;
    if (name.empty() && arguments.size() > 1) name = opened.table_name;
    tables.push_back({std::move(name), nullptr, std::move(opened.rows)});
    source = std::move(opened.source);
  }
  if (arguments.size() > 1) source.reset();
  return {Data(std::move(tables)), std::move(source)};
}

}  // namespace coreshed::cli
