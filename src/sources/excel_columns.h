#pragma once

#include <arrow/type_fwd.h>
#include <coreshed/error.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sources/excel_sheet.h"
#include "sources/excel_types.h"
#include "sources/excel_values.h"
#include "sources/record_lines.h"

namespace coreshed::sources {

/// What types the columns of a sheet shall have, beside what their values are.
struct ExcelWanted {
  std::shared_ptr<arrow::Schema> like;        ///< of the earlier table, where there are several now
  std::shared_ptr<arrow::Schema> like_alone;  ///< where this one is alone
  std::map<std::string, std::shared_ptr<arrow::DataType>> given;  ///< by name; whatever the values
  bool as_cells = false;  ///< all columns come as texts, which stand for values of their `given`
};

struct ExcelColumn {
  int place = 0;  ///< in the sheet, from 1
  std::string name;
  std::shared_ptr<const ExcelType> type;
  std::shared_ptr<const ExcelType> type_alone;  ///< if the file has no other table
};

/// Finds the type of one column from all its values.
class ExcelColumnFinder {
 public:
  ExcelColumnFinder() = default;
  /// kUnsupported: a type is given that cells have no values of.
  static Result<ExcelColumnFinder> Make(const std::string& name, const ExcelWanted& wanted);

  /// A filled cell; false: the type given for the column does not take it.
  bool Add(const ExcelValue& value, int64_t row);
  std::shared_ptr<const ExcelType> Get(bool alone) const;
  /// "12 in C5, 'x' in C7", one of each kind, where the column is text though not all of it is;
  /// else empty.
  std::string Mixture(int place) const;
  const ExcelType* given() const { return given_.get(); }

 private:
  struct Seen {
    int64_t row = 0;  ///< 0: none
    std::string text;
  };
  std::shared_ptr<arrow::DataType> Inferred() const;

  std::shared_ptr<const ExcelType> given_;
  std::array<std::shared_ptr<const ExcelType>, 2> like_;  ///< as long as it takes all; [1]: alone
  bool wholes_are_doubles_ = true;
  uint32_t kinds_ = 0;
  std::array<Seen, kExcelKinds> first_;  ///< of each kind
};

/// A sheet as a table.
struct ExcelTable {
  int64_t header_row = 0;
  std::vector<ExcelColumn> columns;
  std::vector<std::string> warnings;
  RecordLines lines;  ///< the rows of the sheet that its records are in
};

/// Finds the header of a sheet, and the columns and their types, from all its rows.
class ExcelScan {
 public:
  ExcelScan(const ExcelSheet* sheet, ExcelWanted wanted, int64_t columns_max);

  Result<void> Add(const ExcelRow& row);
  /// After the last row. Without columns: the sheet has no values.
  Result<ExcelTable> Finish();

 private:
  struct Column {
    std::string name;  ///< empty: the header does not tell
    bool is_known = false;
    ExcelColumnFinder finder;
  };

  Result<void> AddBelow(const ExcelRow& row);
  Result<void> TakeHeader();
  const ExcelRow* FindHeader() const;
  bool StandsOut(const ExcelRow& row, const ExcelRow& above) const;
  Result<void> NameColumns(const ExcelRow& header);
  std::string Placeholder(int place) const;
  /// `name`: of a column that is new; else it gets a placeholder.
  Result<Column*> ColumnAt(int place, const std::string* name = nullptr);
  void WarnOfHeader(const ExcelRow& header, bool is_found);
  void WarnOfColumns();
  void WarnOfMerges();
  std::string Begin() const { return "sheet '" + sheet_->name() + "': "; }

  const ExcelSheet* const sheet_;
  const ExcelWanted wanted_;
  const int64_t columns_max_;
  std::vector<ExcelRow> first_rows_;  ///< until the header is known
  int64_t first_bytes_ = 0;
  bool has_header_ = false;
  std::map<std::string, int> names_;  ///< that the header has, with their places
  std::vector<Column> columns_;       ///< by place
  ExcelTable table_;
};

}  // namespace coreshed::sources
