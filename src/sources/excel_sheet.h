#pragma once

#include <coreshed/error.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/excel_strings.h"
#include "sources/excel_values.h"
#include "sources/excel_workbook.h"
#include "sources/excel_xml.h"

namespace coreshed::sources {

struct ExcelCell {
  int column = 0;  ///< from 1
  ExcelValue value;
};

/// The cells of a row that hold something, if only an empty text; at least one is filled.
struct ExcelRow {
  int64_t number = 0;  ///< from 1
  std::vector<ExcelCell> cells;
};

/// Where a cell is.
struct ExcelPlace {
  int64_t row = 0;
  int column = 0;

  /// C7
  static std::optional<ExcelPlace> Parse(std::string_view text);
  std::string ToString() const;
};

/// Cells that are shown as one.
struct ExcelMerge {
  std::string range;
  int64_t last_row = 0;
};

/// Reads the rows of a sheet, piece by piece.
class ExcelSheet : private XmlHandler {
 public:
  /// The row is good during the call.
  using RowSink = std::function<Result<void>(const ExcelRow&)>;

  ExcelSheet(std::shared_ptr<const ExcelWorkbook> workbook, ExcelSheetEntry entry);

  /// Give the rows of the next 16 KiB; false: those were the last.
  Result<bool> Step(const RowSink& sink);

  const std::string& name() const { return entry_.name; }
  /// The first of them, after the last step.
  const std::vector<ExcelMerge>& merges() const { return merges_; }
  bool has_formulas() const { return has_formulas_; }
  /// "FILE: sheet 'NAME', cell C7: what".
  Error Fault(ExcelPlace place, const std::string& what) const;

 private:
  Result<void> Start(std::string_view name, const XmlAttributes& attributes) override;
  Result<void> End(std::string_view name) override;
  void Text(std::string_view text) override;
  Result<void> StartRow(const XmlAttributes& attributes);
  Result<void> StartCell(const XmlAttributes& attributes);
  Result<void> EndCell();
  Result<void> EndRow();
  Result<std::optional<ExcelValue>> ValueOfCell();
  Result<ExcelValue> SharedText() const;
  Result<ExcelFormat> Format() const;
  void AddMerge(const XmlAttributes& attributes);
  Error Fault(const std::string& what) const { return Fault(place_, what); }

  const std::shared_ptr<const ExcelWorkbook> workbook_;
  const ExcelSheetEntry entry_;
  XmlReader reader_;
  const RowSink* sink_ = nullptr;
  int depth_ = 0;
  bool in_data_ = false, in_merges_ = false, in_row_ = false, in_cell_ = false;
  bool in_value_ = false, in_inline_ = false;
  ExcelRow row_;
  ExcelPlace place_;  ///< of the present cell
  std::string type_, value_;
  uint64_t style_ = 0;
  bool has_value_ = false, has_formula_ = false, has_formulas_ = false;
  ExcelTextBuilder inline_text_;
  int64_t row_text_bytes_ = 0, text_bytes_ = 0;
  std::vector<ExcelMerge> merges_;
};

}  // namespace coreshed::sources
