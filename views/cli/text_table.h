#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/terminal.h"

namespace coreshed::cli {

/// Aligned columns of texts with a line of titles. Texts are made printable here.
class TextTable {
 public:
  enum class Align { kLeft, kRight };
  struct Cell {
    Cell(const std::string& text_in, Style style_in = Style::kPlain);  // NOLINT: implicit
    Cell(const char* text_in) : Cell(std::string(text_in)) {}          // NOLINT: implicit
    std::string text;
    Style style;
  };

  void AddColumn(const std::string& title, Align align = Align::kLeft);
  void AddRow(std::vector<Cell> cells);
  /// The last column is broken into lines where it does not fit, instead of cut.
  void WrapLast() { wraps_last_ = true; }
  bool is_empty() const { return rows_.empty(); }

  /// All lines, each with its end; no wider than the terminal if that can be.
  std::string Render(const Terminal& terminal) const;

 private:
  struct Column {
    Cell title;
    Align align;
  };
  std::vector<size_t> Widths(size_t limit) const;
  std::string Line(const std::vector<Cell>& cells, const std::vector<size_t>& widths,
                   const Terminal& terminal) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  bool wraps_last_ = false;
};

}  // namespace coreshed::cli
