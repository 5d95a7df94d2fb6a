#include "sources/excel_columns.h"

#include <arrow/type.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "sources/csv_parser.h"
#include "sources/csv_types.h"
#include "sources/csv_values.h"
#include "sources/wanted_types.h"

namespace coreshed::sources {
namespace {

constexpr size_t kFirstRows = 50;
constexpr int64_t kFirstBytes = int64_t{16} << 20;
constexpr size_t kNameMax = 1000;
constexpr size_t kTold = 5;  // columns that a warning names

constexpr uint32_t Bit(ExcelKind kind) {
  return uint32_t{1} << static_cast<unsigned>(kind);
}

/// A header's text as a name: a line break or tab, with the blanks around it, is one blank.
std::string NameFrom(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::string name;
  while (!text.empty()) {
    const auto plain = std::min(text.find_first_of(kBlanks), text.size());
    name += text.substr(0, plain);
    text.remove_prefix(plain);
    const auto blank = text.substr(0, std::min(text.find_first_not_of(kBlanks), text.size()));
    name += blank.find_first_not_of(' ') == blank.npos ? blank : std::string_view(" ");
    text.remove_prefix(blank.size());
  }
  return std::string(TrimBlanks(name));
}

/// The columns that a row fills.
std::set<int> ColumnsOf(const ExcelRow& row) {
  std::set<int> columns;
  for (const auto& cell : row.cells) {
    if (cell.value.is_filled()) columns.insert(cell.column);
  }
  return columns;
}

bool IsText(const ExcelCell& cell) {
  return cell.value.kind == ExcelKind::kText;
}

bool HasTextsOnly(const ExcelRow& row) {
  return std::all_of(row.cells.begin(), row.cells.end(), IsText);
}

/// Whether the cells of a row can be names: no error among them, and a text.
bool CanName(const ExcelRow& row) {
  const auto has_error = [](const ExcelCell& cell) {
    return cell.value.kind == ExcelKind::kOdd && cell.value.text().starts_with('#');
  };
  const auto is_filled_text = [](const ExcelCell& cell) {
    return IsText(cell) && cell.value.is_filled();
  };
  return std::none_of(row.cells.begin(), row.cells.end(), has_error) &&
         std::any_of(row.cells.begin(), row.cells.end(), is_filled_text);
}

/// A name that a person would hardly give: a fraction, a time, true or false.
bool IsOddName(const ExcelCell& cell) {
  return !IsText(cell) && cell.value.kind != ExcelKind::kWhole &&
         cell.value.kind != ExcelKind::kDay;
}

std::shared_ptr<const ExcelType> LikeColumn(const std::shared_ptr<arrow::Schema>& like,
                                            const std::string& name) {
  const auto field = like == nullptr ? nullptr : like->GetFieldByName(name);
  return field == nullptr ? nullptr : ExcelType::Of(field->type());
}

}  // namespace

Result<ExcelColumnFinder> ExcelColumnFinder::Make(const std::string& name,
                                                  const ExcelWanted& wanted) {
  ExcelColumnFinder finder;
  const auto given = wanted.given.find(name);
  const auto type = given != wanted.given.end() ? given->second : nullptr;
  if (wanted.as_cells) {
    // No text stands for what has elapsed: such columns stay as they are.
    const bool have_texts = type == nullptr || IsTextType(*type) || CsvParser::Of(type) != nullptr;
    if (have_texts) finder.given_ = ExcelType::CellsOf(type);
    finder.like_.fill(have_texts ? nullptr : ExcelType::Of(type));
    return finder;
  }
  if (type != nullptr) {
    finder.given_ = ExcelType::Of(type);
    if (finder.given_ != nullptr) return finder;
    return Error{ErrorKind::kUnsupported,
                 "column '" + name + "': an Excel file holds no values of " + type->ToString()}
        .With("column", name);
  }
  finder.like_ = {LikeColumn(wanted.like, name), LikeColumn(wanted.like_alone, name)};
  return finder;
}

bool ExcelColumnFinder::Add(const ExcelValue& value, int64_t row) {
  if (given_ != nullptr) return given_->Takes(value);
  for (auto& like : like_) {
    if (like == nullptr || like->is_text()) continue;
    if (value.kind == ExcelKind::kText || !like->Takes(value)) like = nullptr;
  }
  kinds_ |= Bit(value.kind);
  if (value.kind == ExcelKind::kWhole && wholes_are_doubles_) {
    wholes_are_doubles_ = IsDouble(value.number);
  }
  Seen& seen = first_[static_cast<size_t>(value.kind)];
  if (seen.row == 0) {
    const std::string text = ShortenedExcelText(ExcelTextOf(value));
    seen = {row, value.kind == ExcelKind::kText ? "'" + text + "'" : text};
  }
  return true;
}

std::shared_ptr<const ExcelType> ExcelColumnFinder::Get(bool alone) const {
  if (given_ != nullptr) return given_;
  const auto& like = like_[alone ? 1 : 0];
  return like != nullptr ? like : ExcelType::Of(Inferred());
}

std::shared_ptr<arrow::DataType> ExcelColumnFinder::Inferred() const {
  constexpr auto kMicros = arrow::TimeUnit::MICRO;
  const auto only = [&](uint32_t kinds) { return kinds_ != 0 && (kinds_ & ~kinds) == 0; };
  if (only(Bit(ExcelKind::kWhole))) return arrow::int64();
  if (only(Bit(ExcelKind::kWhole) | Bit(ExcelKind::kFraction)) && wholes_are_doubles_) {
    return arrow::float64();
  }
  if (only(Bit(ExcelKind::kBoolean))) return arrow::boolean();
  if (only(Bit(ExcelKind::kDay))) return arrow::date32();
  if (only(Bit(ExcelKind::kDay) | Bit(ExcelKind::kMoment))) return arrow::timestamp(kMicros);
  if (only(Bit(ExcelKind::kTime))) return arrow::time64(kMicros);
  if (only(Bit(ExcelKind::kElapsed))) return arrow::duration(kMicros);
  return arrow::utf8();
}

std::string ExcelColumnFinder::Mixture(int place) const {
  if (kinds_ == 0 || kinds_ == Bit(ExcelKind::kText) || !Get(false)->is_text() ||
      like_[0] != nullptr || like_[1] != nullptr) {
    return "";
  }
  std::string mixture;
  for (const Seen& seen : first_) {
    if (seen.row == 0) continue;
    mixture +=
        (mixture.empty() ? "" : ", ") + seen.text + " in " + ExcelPlace{seen.row, place}.ToString();
  }
  return mixture;
}

ExcelScan::ExcelScan(const ExcelSheet* sheet, ExcelWanted wanted, int64_t columns_max)
    : sheet_(sheet), wanted_(std::move(wanted)), columns_max_(columns_max) {}

Result<void> ExcelScan::Add(const ExcelRow& row) {
  if (has_header_) return AddBelow(row);
  first_rows_.push_back(row);
  for (const auto& cell : row.cells)
    first_bytes_ += static_cast<int64_t>(cell.value.own.size());
  if (first_rows_.size() < kFirstRows && first_bytes_ <= kFirstBytes) return {};
  return TakeHeader();
}

/// The row that names the columns: spec/excel.md, "Header". Null: none looks like it.
const ExcelRow* ExcelScan::FindHeader() const {
  std::set<int> width;
  for (const auto& row : first_rows_) {
    for (const auto& cell : row.cells) {
      if (cell.value.is_filled()) width.insert(cell.column);
    }
  }
  const ExcelRow *first = nullptr, *header = nullptr;
  size_t most = 0;
  for (const auto& row : first_rows_) {
    const auto filled = ColumnsOf(row);
    const bool is_wide = filled.size() * 2 > width.size() ||
                         (filled.size() * 2 == width.size() && !filled.contains(*width.begin()));
    if (!is_wide) continue;
    if (first == nullptr) {
      first = &row;
      header = CanName(row) ? &row : nullptr;
      most = filled.size();
    } else if (HasTextsOnly(row) &&
               (header == nullptr ? filled.size() >= most
                                  : filled.size() > most && StandsOut(row, *header))) {
      header = &row;
      most = filled.size();
    }
  }
  return header;
}

/// Whether a row that fills more columns than `above` is rather the header: what is above it may
/// be facts about the sheet, two in a row.
bool ExcelScan::StandsOut(const ExcelRow& row, const ExcelRow& above) const {
  const auto place = static_cast<size_t>(&row - first_rows_.data());
  const bool is_below_blanks = first_rows_[place - 1].number + 1 < row.number;
  const bool has_colon = std::any_of(above.cells.begin(), above.cells.end(), [](const auto& cell) {
    return IsText(cell) && TrimBlanks(cell.value.text()).ends_with(':');
  });
  if (is_below_blanks || has_colon) return true;
  const auto named = ColumnsOf(above);
  std::set<int> others, texts;  // columns by what is in them below
  for (size_t i = place + 1; i < first_rows_.size(); ++i) {
    for (const auto& cell : first_rows_[i].cells) {
      if (!cell.value.is_filled()) continue;
      (IsText(cell) ? texts : others).insert(cell.column);
    }
  }
  const auto filled = ColumnsOf(row);
  return std::any_of(filled.begin(), filled.end(), [&](int column) {
    return !named.contains(column) && others.contains(column) && !texts.contains(column);
  });
}

Result<void> ExcelScan::TakeHeader() {
  has_header_ = true;
  const ExcelRow* found = FindHeader();
  const ExcelRow& header = found != nullptr ? *found : first_rows_.front();
  WarnOfHeader(header, found != nullptr);
  table_.header_row = header.number;
  CORESHED_TRY(NameColumns(header));
  for (const auto& row : first_rows_) {
    if (row.number > header.number) CORESHED_TRY(AddBelow(row));
  }
  first_rows_ = {};
  return {};
}

void ExcelScan::WarnOfHeader(const ExcelRow& header, bool is_found) {
  const std::string row = "row " + std::to_string(header.number);
  if (!is_found) {
    table_.warnings.push_back(Begin() + "no row looks like a header, so " + row +
                              " was taken for it.");
    return;
  }
  const auto odd = std::find_if(header.cells.begin(), header.cells.end(), IsOddName);
  if (odd != header.cells.end()) {
    const ExcelPlace place{header.number, odd->column};
    table_.warnings.push_back(Begin() + "the header is " + row + ", though not all of it looks " +
                              "like names: " + ShortenedExcelText(ExcelTextOf(odd->value)) +
                              " in " + place.ToString() + ".");
  }
  const int64_t first = first_rows_.front().number, last = header.number - 1;
  if (first > last) return;
  const std::string over =
      first == last ? "row " + std::to_string(first) + " was"
                    : "rows " + std::to_string(first) + " to " + std::to_string(last) + " were";
  table_.warnings.push_back(Begin() + "the header is " + row + ": " + over + " passed over.");
}

Result<void> ExcelScan::NameColumns(const ExcelRow& header) {
  for (const auto& cell : header.cells) {
    const ExcelPlace place{header.number, cell.column};
    const std::string name = NameFrom(ExcelTextOf(cell.value));
    if (name.empty()) continue;
    if (name.size() > kNameMax || HasControl(name)) {
      return sheet_->Fault(place, "no column can be called so: '" + ShortenedExcelText(name) +
                                      "'. A name has at most 1,000 bytes and no control "
                                      "characters.");
    }
    const auto [found, is_new] = names_.try_emplace(name, cell.column);
    if (!is_new) {
      return sheet_->Fault(place, "the header names more than one column '" +
                                      ShortenedExcelText(name) + "', the other in " +
                                      ExcelPlace{header.number, found->second}.ToString() + ".");
    }
  }
  for (const auto& [name, column] : names_)
    CORESHED_TRY(ColumnAt(column, &name));
  return {};
}

std::string ExcelScan::Placeholder(int place) const {
  std::string name = "column" + std::to_string(place);
  while (names_.contains(name))
    name += '_';
  return name;
}

Result<ExcelScan::Column*> ExcelScan::ColumnAt(int place, const std::string* name) {
  const auto index = static_cast<size_t>(place);
  if (columns_.size() <= index) columns_.resize(index + 1);
  Column& column = columns_[index];
  if (!column.is_known) {
    column.is_known = true;
    column.name = name != nullptr ? *name : Placeholder(place);
    CORESHED_ASSIGN(column.finder, ExcelColumnFinder::Make(column.name, wanted_));
  }
  return &column;
}

Result<void> ExcelScan::AddBelow(const ExcelRow& row) {
  if (wanted_.as_cells) table_.lines.Add(row.number);
  for (const auto& cell : row.cells) {
    if (!cell.value.is_filled()) continue;
    const ExcelPlace place{row.number, cell.column};
    CORESHED_ASSIGN(Column * column, ColumnAt(cell.column));
    if (column->finder.Add(cell.value, row.number)) continue;
    return sheet_
        ->Fault(place, "'" + ShortenedExcelText(ExcelTextOf(cell.value)) + "' is no " +
                           NameOfGiven(*column->finder.given()->type()) + ", which column '" +
                           column->name + "' must be")
        .With("column", column->name)
        .With("row", std::to_string(row.number - table_.header_row));
  }
  return {};
}

void ExcelScan::WarnOfColumns() {
  std::vector<std::string> mixed;
  for (size_t place = 0; place < columns_.size(); ++place) {
    const auto& column = columns_[place];
    const std::string mixture =
        column.is_known ? column.finder.Mixture(static_cast<int>(place)) : "";
    if (!mixture.empty()) mixed.push_back("'" + column.name + "' (" + mixture + ")");
  }
  if (mixed.empty()) return;
  table_.warnings.push_back(
      Begin() + "text, since not all values are of one type: " + Joined(mixed, kTold) + ".");
}

void ExcelScan::WarnOfMerges() {
  std::vector<std::string> ranges;
  for (const auto& merge : sheet_->merges()) {
    if (merge.last_row > table_.header_row) ranges.push_back(merge.range);
  }
  if (ranges.empty()) return;
  table_.warnings.push_back(Begin() + "of merged cells the first has the value, the others are " +
                            "empty: " + Joined(ranges, kTold) + ".");
}

Result<ExcelTable> ExcelScan::Finish() {
  if (!has_header_ && first_rows_.empty()) return ExcelTable{};
  if (!has_header_) CORESHED_TRY(TakeHeader());
  for (size_t place = 0; place < columns_.size(); ++place) {
    const auto& column = columns_[place];
    if (!column.is_known) continue;
    table_.columns.push_back(
        {static_cast<int>(place), column.name, column.finder.Get(false), column.finder.Get(true)});
  }
  const auto count = static_cast<int64_t>(table_.columns.size());
  if (count > columns_max_) {
    return sheet_->Fault({table_.header_row, table_.columns.back().place},
                         "the sheet has " + std::to_string(count) + " columns, and at most " +
                             std::to_string(columns_max_) + " are taken. The limit can be set.");
  }
  WarnOfColumns();
  WarnOfMerges();
  return std::move(table_);
}

}  // namespace coreshed::sources
