#include "cli/text_table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "cli/text.h"

namespace coreshed::cli {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kLeastWidth = 8;       // a cut column keeps so much
constexpr size_t kLeastWrapWidth = 24;  // and one that is broken into lines so much

}  // namespace

TextTable::Cell::Cell(const std::string& text_in, Style style_in)
    : text(Printable(text_in)), style(style_in) {}

void TextTable::AddColumn(const std::string& title, Align align) {
  columns_.push_back({Cell(title, Style::kBold), align});
}

void TextTable::AddRow(std::vector<Cell> cells) {
  rows_.push_back(std::move(cells));
}

std::vector<size_t> TextTable::Widths(size_t limit) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = DisplayWidth(columns_[i].title.text);
    for (const auto& row : rows_)
      width = std::max(width, DisplayWidth(row[i].text));
    widths.push_back(width);
  }
  if (limit == 0 || widths.empty()) return widths;
  const size_t gaps = kGap * (widths.size() - 1);
  const auto total = [&] { return std::accumulate(widths.begin(), widths.end(), gaps); };
  if (wraps_last_ && total() > limit) {
    const size_t others = total() - widths.back();
    widths.back() =
        std::max(std::min(widths.back(), kLeastWrapWidth), others < limit ? limit - others : 0);
  }
  while (total() > limit) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kLeastWidth) break;
    --*widest;
  }
  return widths;
}

std::string TextTable::Line(const std::vector<Cell>& cells, const std::vector<size_t>& widths,
                            const Terminal& terminal) const {
  std::string line;
  std::vector<std::string> further;  // lines of the last cell
  for (size_t i = 0; i < cells.size(); ++i) {
    const bool last = i + 1 == cells.size();
    const bool right = columns_[i].align == Align::kRight;
    std::string text = Cut(cells[i].text, widths[i]);
    if (last && wraps_last_) {
      further = Wrapped(cells[i].text, widths[i]);
      text = further.front();
      further.erase(further.begin());
    }
    const std::string padded = last && !right ? text : Padded(text, widths[i], right);
    line += terminal.Styled(padded, cells[i].style);
    if (!last) line += std::string(kGap, ' ');
  }
  while (line.ends_with(' '))
    line.pop_back();
  line += '\n';
  const size_t indent =
      std::accumulate(widths.begin(), widths.end() - 1, kGap * (widths.size() - 1));
  for (const auto& text : further) {
    line += std::string(indent, ' ') + terminal.Styled(text, cells.back().style) + '\n';
  }
  return line;
}

std::string TextTable::Render(const Terminal& terminal) const {
  const auto widths = Widths(terminal.width);
  std::vector<Cell> titles;
  for (const auto& column : columns_)
    titles.push_back(column.title);
  std::string lines = Line(titles, widths, terminal);
  for (const auto& row : rows_)
    lines += Line(row, widths, terminal);
  return lines;
}

}  // namespace coreshed::cli
