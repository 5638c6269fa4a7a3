// SPDX-License-Identifier: Apache-2.0
//
// Columns for people, within the width of their terminal. The first column gives way: what is too long for it
// stands on a line of its own, and is cut only where it is longer than the whole line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "app/terminal.h"

namespace amb {

/// In characters, as far as those of UTF-8 are one column each.
std::size_t width_of(std::string_view text);

/// Never wider than `width`; what is cut ends in "…".
std::string fit(std::string_view text, std::size_t width);

/// Words on lines of `width`, each but the first behind `indent` spaces; a line's end behind each. A word
/// that is longer stays whole.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

class Table {
 public:
  enum class Side { left, right };
  struct Column {
    std::string title;
    Side side = Side::left;
  };
  struct Cell {
    std::string text;
    Style style = Style::plain;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Fewer cells than columns leave the others empty.
  void add(std::vector<Cell> cells);
  /// A line between rows that belongs to the row before it, wrapped at the width.
  void add_line(std::string text, std::size_t indent, Style style = Style::plain);

  std::string text(const Screen& screen) const;

 private:
  struct Row {
    std::vector<Cell> cells;
    std::string line;  ///< Instead of cells.
    std::size_t indent = 0;
    Style style = Style::plain;
  };

  std::vector<std::size_t> widths(std::size_t columns) const;
  std::string line_of(const Row& row, const std::vector<std::size_t>& widths, const Screen& screen) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace amb
