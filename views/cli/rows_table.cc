#include "cli/rows_table.h"

#include <arrow/api.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "cli/cells.h"
#include "cli/failure.h"
#include "cli/text.h"
#include "cli/text_table.h"

namespace coreshed::cli {
namespace {

constexpr size_t kCellWidthMax = 40;
constexpr size_t kGap = 2;
constexpr int64_t kWholeRows =
    100'000;  // more than so many are not shown, however they are asked for

using Batches = std::deque<std::shared_ptr<arrow::RecordBatch>>;

/// The first and last rows of a stream.
struct Ends {
  Batches head, tail;
  int64_t rows = 0;      ///< of the stream
  int64_t left_out = 0;  ///< between head and tail
};

int64_t RowsOf(const Batches& batches) {
  int64_t rows = 0;
  for (const auto& batch : batches)
    rows += batch->num_rows();
  return rows;
}

std::shared_ptr<arrow::RecordBatch> NextOf(arrow::RecordBatchReader& rows) {
  std::shared_ptr<arrow::RecordBatch> batch;
  if (const auto status = rows.ReadNext(&batch); !status.ok()) ThrowStatus(status);
  return batch;
}

Ends TakeEnds(arrow::RecordBatchReader& rows, int64_t rows_max) {
  const int64_t half = rows_max / 2;
  Ends ends;
  while (auto batch = NextOf(rows)) {
    ends.rows += batch->num_rows();
    const int64_t wanted = rows_max - half - RowsOf(ends.head);
    if (wanted > 0) {
      ends.head.push_back(batch->Slice(0, wanted));
      batch = batch->Slice(std::min(wanted, batch->num_rows()));
    }
    if (batch->num_rows() == 0) continue;
    ends.tail.push_back(batch);
    while (RowsOf(ends.tail) - ends.tail.front()->num_rows() >= half)
      ends.tail.pop_front();
  }
  const int64_t surplus = RowsOf(ends.tail) - half;
  if (surplus > 0) ends.tail.front() = ends.tail.front()->Slice(surplus);
  ends.left_out = ends.rows - RowsOf(ends.head) - RowsOf(ends.tail);
  return ends;
}

struct ShownColumn {
  std::string name;
  bool right = false;
  std::vector<TextTable::Cell> cells;
  size_t width = 0;
};

void AppendCells(const Batches& batches, int index, ShownColumn* column) {
  for (const auto& batch : batches) {
    const Cells cells(batch->column(index));
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      if (cells.IsNull(row)) {
        column->cells.emplace_back("null", Style::kDim);
      } else {
        column->cells.emplace_back(Cut(Printable(cells.Text(row)), kCellWidthMax));
      }
      column->width = std::max(column->width, DisplayWidth(column->cells.back().text));
    }
  }
}

/// Numbers with their points below each other: blanks after those with fewer digits behind it. A
/// column with exponents stays as it is.
void AlignPoints(ShownColumn* column) {
  size_t behind = 0;
  for (const auto& cell : column->cells) {
    if (cell.text.find('e') != std::string::npos) return;
    const auto point = cell.text.find('.');
    if (point != std::string::npos) behind = std::max(behind, cell.text.size() - point - 1);
  }
  if (behind == 0) return;
  for (auto& cell : column->cells) {
    const auto point = cell.text.find('.');
    const bool is_number = !cell.text.empty() && std::isdigit(cell.text.back()) != 0;
    if (!is_number) continue;
    const size_t has = point == std::string::npos ? 0 : cell.text.size() - point;
    cell.text += std::string(behind + 1 - has, ' ');
    column->width = std::max(column->width, cell.text.size());
  }
}

ShownColumn MakeColumn(const arrow::Schema& schema, const Ends& ends, int index) {
  ShownColumn column{schema.field(index)->name(), StandsRight(*schema.field(index)->type()), {}, 0};
  column.width = DisplayWidth(Printable(column.name));
  AppendCells(ends.head, index, &column);
  if (ends.left_out > 0) column.cells.emplace_back("…", Style::kDim);
  AppendCells(ends.tail, index, &column);
  if (column.right) AlignPoints(&column);
  return column;
}

/// Which of `widths` fit into `limit` with a gap between them, taken in turn from both sides; the
/// first `left` and the last `right` ones.
std::pair<size_t, size_t> Fit(const std::vector<size_t>& widths, size_t limit) {
  size_t total = 0;
  for (const size_t width : widths)
    total += width + kGap;
  if (limit == 0 || total <= limit + kGap) return {widths.size(), 0};
  size_t used = 1, left = 0, right = 0;  // the … between
  while (left + right < widths.size()) {
    const bool from_left = left <= 2 * right;  // what stands first tells most
    const size_t width = widths[from_left ? left : widths.size() - 1 - right] + kGap;
    if (used + width > limit && left > 0) break;
    used += width;
    ++(from_left ? left : right);
  }
  return {left, right};
}

}  // namespace

int64_t PrintRows(const std::string& title, arrow::RecordBatchReader& rows, int64_t rows_max,
                  Output& output) {
  const auto schema = rows.schema();
  const Ends ends = TakeEnds(rows, rows_max < 0 ? kWholeRows : rows_max);
  std::vector<ShownColumn> columns;
  std::vector<size_t> widths;
  for (int i = 0; i < schema->num_fields(); ++i) {
    columns.push_back(MakeColumn(*schema, ends, i));
    widths.push_back(columns.back().width);
  }
  const auto [left, right] = Fit(widths, output.terminal().width);
  const size_t hidden = columns.size() - left - right;
  TextTable table;
  std::vector<const ShownColumn*> shown;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i == left && hidden > 0) {
      table.AddColumn("…");
      shown.push_back(nullptr);
    }
    if (i >= left && i < columns.size() - right) continue;
    shown.push_back(&columns[i]);
    table.AddColumn(columns[i].name,
                    columns[i].right ? TextTable::Align::kRight : TextTable::Align::kLeft);
  }
  const size_t lines = columns.empty() ? 0 : columns.front().cells.size();
  for (size_t line = 0; line < lines; ++line) {
    std::vector<TextTable::Cell> cells;
    cells.reserve(shown.size());
    for (const auto* column : shown) {
      cells.push_back(column == nullptr ? TextTable::Cell("…", Style::kDim) : column->cells[line]);
    }
    table.AddRow(std::move(cells));
  }
  output.Print(title + "\n" + table.Render(output.terminal()));
  std::string note;
  if (ends.left_out > 0) {
    note = Grouped(ends.rows - ends.left_out) + " of " + Counted(ends.rows, "row") +
           " shown (--all shows all)";
  }
  if (hidden > 0) {
    note += std::string(note.empty() ? "" : ", ") + Grouped(static_cast<int64_t>(left + right)) +
            " of " + Counted(static_cast<int64_t>(columns.size()), "column") +
            " (--columns chooses)";
  }
  if (!note.empty()) output.Print(output.terminal().Styled(note, Style::kDim) + "\n");
  return ends.rows;
}

int64_t PrintRowsJson(arrow::RecordBatchReader& rows, const Json& head, Output& output) {
  std::string start = head.dump(2, ' ', false, Json::error_handler_t::replace);
  start.resize(start.rfind('\n'));
  output.Print(start + ",\n  \"rows\": [");
  const auto names = rows.schema()->field_names();
  int64_t count = 0;
  while (const auto batch = NextOf(rows)) {
    std::vector<Cells> columns;
    for (const auto& column : batch->columns())
      columns.emplace_back(column);
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      Json object = Json::object();
      for (size_t i = 0; i < names.size(); ++i)
        object[names[i]] = columns[i].Value(row);
      output.Print(std::string(count++ > 0 ? "," : "") + "\n    " +
                   object.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
  }
  output.Print(std::string(count > 0 ? "\n  " : "") +
               "],\n  \"row_count\": " + std::to_string(count) + "\n}\n");
  return count;
}

}  // namespace coreshed::cli
