#pragma once

#include <arrow/api.h>
#include <coreshed/sources.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/result_checks.h"
#include "support/temp_folder.h"

namespace coreshed {

inline Result<OpenedFile> OpenText(const std::string& text, const OpenFileOptions& options = {}) {
  return OpenFile({"", arrow::Buffer::FromString(text), "hole.ags"}, options);
}

inline std::shared_ptr<arrow::Table> TableOf(const OpenedFile& opened, const std::string& name) {
  for (const auto& table : opened.tables) {
    if (table.name == name) return table.reader->ToTable().ValueOrDie();
  }
  ADD_FAILURE() << "no table " << name;
  return nullptr;
}

/// The cells of a column as texts, null as "null", with commas between them.
inline std::string Cells(const arrow::Table& table, const std::string& column) {
  std::string cells;
  const auto values = table.GetColumnByName(column);
  for (int64_t row = 0; row < table.num_rows(); ++row) {
    const auto scalar = values->GetScalar(row).ValueOrDie();
    cells += (row == 0 ? "" : ",") + (scalar->is_valid ? scalar->ToString() : "null");
  }
  return cells;
}

/// What the groups of a file are written as.
inline std::string WrittenAgain(const std::vector<TableInput>& tables) {
  TempFolder folder(TempFolder::Where::kMemory);
  const std::string path = folder.path() + "/out.ags";
  Must(WriteFile(tables, path, FileFormat::kAgs));
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string RoundTrip(const std::string& text) {
  return WrittenAgain(Must(OpenText(text)).tables);
}

/// Groups that Rules 13 to 17 want, each line ended by CR LF; nothing is wrong with it.
inline std::string Sound() {
  return "\"GROUP\",\"PROJ\"\r\n\"HEADING\",\"PROJ_ID\",\"PROJ_NAME\"\r\n\"UNIT\",\"\",\"\"\r\n"
         "\"TYPE\",\"ID\",\"X\"\r\n\"DATA\",\"121415\",\"ACME \"\"Gas\"\" Works\"\r\n\r\n"
         "\"GROUP\",\"TRAN\"\r\n\"HEADING\",\"TRAN_ISNO\",\"TRAN_DATE\"\r\n"
         "\"UNIT\",\"\",\"yyyy-mm-dd\"\r\n\"TYPE\",\"X\",\"DT\"\r\n\"DATA\",\"1\",\"2026-01-"
         "27\"\r\n\r\n"
         "\"GROUP\",\"UNIT\"\r\n\"HEADING\",\"UNIT_UNIT\"\r\n\"UNIT\",\"\"\r\n\"TYPE\",\"X\"\r\n"
         "\"DATA\",\"m\"\r\n\r\n"
         "\"GROUP\",\"TYPE\"\r\n\"HEADING\",\"TYPE_TYPE\"\r\n\"UNIT\",\"\"\r\n\"TYPE\",\"X\"\r\n"
         "\"DATA\",\"2DP\"\r\n\r\n"
         "\"GROUP\",\"GEOL\"\r\n\"HEADING\",\"LOCA_ID\",\"GEOL_TOP\"\r\n\"UNIT\",\"\",\"m\"\r\n"
         "\"TYPE\",\"ID\",\"2DP\"\r\n\"DATA\",\"BH1\",\"0.00\"\r\n\"DATA\",\"BH1\",\"1.50\"\r\n";
}

/// The lines with CR LF after each.
inline std::string Lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines)
    text += line + "\r\n";
  return text;
}

}  // namespace coreshed
