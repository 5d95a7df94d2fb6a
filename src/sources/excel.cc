#include "sources/excel.h"

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sources/excel_columns.h"
#include "sources/excel_reader.h"
#include "sources/excel_sheet.h"
#include "sources/excel_workbook.h"
#include "sources/wanted_types.h"

namespace coreshed::sources {
namespace {

/// Columns of all sheets together, in limits of one.
constexpr int64_t kTablesOfColumns = 10;

std::shared_ptr<arrow::Schema> Find(const OpenOptions& options, const std::string& table) {
  const auto found = options.like.find(table);
  return found == options.like.end() ? nullptr : found->second;
}

/// Makes tables of a workbook's sheets.
class Opener {
 public:
  Opener(std::shared_ptr<InputFile> input, const OpenOptions& options)
      : input_(std::move(input)), options_(options) {}

  Result<OpenedTables> Open() {
    CORESHED_ASSIGN(workbook_, ExcelWorkbook::Open(input_, options_));
    for (const auto& name : workbook_->other_sheets)
      Warn(name, "it is no worksheet (a chart, say) and was passed over.");
    CORESHED_ASSIGN(is_alone_, HasOneTable());
    for (const auto& sheet : workbook_->sheets)
      CORESHED_TRY(Scan(sheet));
    if (found_.empty()) return workbook_->package->Fault("no sheet has a value.");
    OpenedTables opened;
    const bool alone = found_.size() == 1;
    for (auto& [sheet, table] : found_) {
      auto& origin = opened.origins.emplace_back(TableOrigin{input_->name()});
      if (options_.as_cells) {
        origin.line_of = [lines = std::move(table.lines)](int64_t record) {
          return lines.LineOf(record);
        };
      }
      std::vector<std::shared_ptr<const ExcelType>> types;
      for (const auto& column : table.columns)
        types.push_back(alone ? column.type_alone : column.type);
      auto reader = std::make_shared<ExcelReader>(input_, workbook_, sheet, std::move(table),
                                                  std::move(types));
      opened.tables.push_back({alone ? input_->stem() : sheet.name, nullptr, std::move(reader)});
    }
    opened.warnings = std::move(warnings_);
    return opened;
  }

 private:
  struct Found {
    ExcelSheetEntry sheet;
    ExcelTable table;
  };

  /// Whether one sheet has all values: then it is called as the file is. Asked where it matters
  /// before the sheets are read, of cells; reads up to the first values of two.
  Result<bool> HasOneTable() const {
    if (workbook_->sheets.size() == 1 || !options_.as_cells) return true;
    int tables = 0;
    for (const auto& entry : workbook_->sheets) {
      ExcelSheet sheet(workbook_, entry);
      bool has_value = false;
      const ExcelSheet::RowSink sink = [&](const ExcelRow& row) -> Result<void> {
        for (const auto& cell : row.cells)
          has_value = has_value || cell.value.is_filled();
        return {};
      };
      for (bool more = true; more && !has_value;) {
        CORESHED_ASSIGN(more, sheet.Step(sink));
      }
      tables += has_value ? 1 : 0;
      if (tables > 1) return false;
    }
    return true;
  }

  Result<void> Scan(const ExcelSheetEntry& entry) {
    ExcelSheet sheet(workbook_, entry);
    CORESHED_ASSIGN(const auto wanted, WantedOf(entry));
    ExcelScan scan(&sheet, wanted, options_.limits.columns);
    const ExcelSheet::RowSink sink = [&](const ExcelRow& row) { return scan.Add(row); };
    for (bool more = true; more;) {
      CORESHED_ASSIGN(more, sheet.Step(sink));
    }
    CORESHED_ASSIGN(auto table, scan.Finish());
    if (table.columns.empty()) {
      Warn(entry.name, "it has no values and was passed over.");
      return {};
    }
    columns_ += static_cast<int64_t>(table.columns.size());
    if (columns_ > options_.limits.columns * kTablesOfColumns) {
      return workbook_->package->Fault("its sheets have more than " +
                                       std::to_string(options_.limits.columns * kTablesOfColumns) +
                                       " columns together. The limit can be set.");
    }
    if (entry.hidden) Warn(entry.name, "it is hidden, and was taken like the others.");
    if (sheet.has_formulas() && workbook_->wants_calculation) {
      Warn(entry.name,
           "the file wants its formulas calculated when it is opened, so their results may be "
           "old. If so, open it in Excel or LibreOffice and save it.");
    }
    for (auto& warning : std::exchange(table.warnings, {}))
      warnings_.push_back(std::move(warning));
    found_.push_back({entry, std::move(table)});
    return {};
  }

  Result<ExcelWanted> WantedOf(const ExcelSheetEntry& entry) const {
    auto like_alone = Find(options_, input_->stem());
    if (like_alone == nullptr && options_.like.size() == 1) {
      like_alone = options_.like.begin()->second;
    }
    CORESHED_ASSIGN(auto alone, WantedFor(options_, like_alone, input_->stem(), true));
    CORESHED_ASSIGN(auto among, WantedFor(options_, Find(options_, entry.name), entry.name, false));
    return ExcelWanted{std::move(among.like), std::move(alone.like),
                       is_alone_ ? std::move(alone.given) : std::move(among.given),
                       options_.as_cells};
  }

  void Warn(const std::string& sheet, const std::string& what) {
    warnings_.push_back("sheet '" + sheet + "': " + what);
  }

  const std::shared_ptr<InputFile> input_;
  const OpenOptions& options_;
  std::shared_ptr<const ExcelWorkbook> workbook_;
  std::vector<Found> found_;
  bool is_alone_ = true;  ///< one table, as far as cells ask
  int64_t columns_ = 0;
  std::vector<std::string> warnings_;
};

}  // namespace

Result<OpenedTables> OpenExcel(std::shared_ptr<InputFile> input, const OpenOptions& options) {
  return Opener(std::move(input), options).Open();
}

}  // namespace coreshed::sources
