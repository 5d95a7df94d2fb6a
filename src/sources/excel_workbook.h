#pragma once

#include <coreshed/error.h>
#include <coreshed/sources.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sources/excel_formats.h"
#include "sources/excel_package.h"
#include "sources/excel_strings.h"
#include "sources/input.h"

namespace coreshed::sources {

/// A worksheet, as the workbook lists it.
struct ExcelSheetEntry {
  std::string name;
  std::string part;
  bool hidden = false;
};

/// What all sheets of a workbook have in common.
struct ExcelWorkbook {
  static Result<std::shared_ptr<const ExcelWorkbook>> Open(std::shared_ptr<InputFile> input,
                                                           const OpenFileOptions& options);

  std::shared_ptr<ExcelPackage> package;
  std::vector<ExcelSheetEntry> sheets;
  std::vector<std::string> other_sheets;  ///< charts and the like
  bool from_1904 = false;                 ///< days count from 1904, not from 1900
  bool wants_calculation = false;         ///< formulas are to be calculated when the file is opened
  std::vector<ExcelFormat> formats;       ///< by style
  std::shared_ptr<const ExcelStrings> strings;  ///< null: the file has none
};

}  // namespace coreshed::sources
