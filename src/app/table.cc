// SPDX-License-Identifier: Apache-2.0
#include "app/table.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace amb {

namespace {

constexpr std::string_view kGap = "  ";
constexpr std::size_t kNarrowest = 12;  // what the first column has at least

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !continues_character(c); }));
}

std::string fit(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::size_t end = 0;
  for (std::size_t characters = 0; end < text.size(); ++end) {
    if (!continues_character(text[end]) && ++characters == width) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  std::string wrapped;
  std::size_t column = 0;
  for (const auto word : split(text, ' ')) {
    const std::size_t size = width_of(word);
    const bool is_first = wrapped.empty();
    if (!is_first && column + 1 + size > width) {
      wrapped += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!is_first) {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += size;
  }
  return wrapped + "\n";
}

void Table::add(std::vector<Cell> cells) {
  cells.resize(columns_.size());
  rows_.push_back({std::move(cells), {}, 0, Style::plain});
}

void Table::add_line(std::string text, std::size_t indent, Style style) {
  rows_.push_back({{}, std::move(text), indent, style});
}

/// As wide as what stands in them; the first one as wide as the others leave room for.
std::vector<std::size_t> Table::widths(std::size_t columns) const {
  std::vector<std::size_t> found;
  for (const Column& column : columns_) found.push_back(width_of(column.title));
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      found[i] = std::max(found[i], width_of(row.cells[i].text));
  }
  std::size_t others = 0;
  for (std::size_t i = 1; i < found.size(); ++i) others += kGap.size() + found[i];
  const std::size_t left = columns > others ? columns - others : 0;
  found[0] = std::min(found[0], std::max(left, kNarrowest));
  return found;
}

std::string Table::line_of(const Row& row, const std::vector<std::size_t>& widths,
                           const Screen& screen) const {
  if (row.cells.empty()) {
    const std::string indent(row.indent, ' ');
    std::string text = wrap(row.line, screen.columns - row.indent, 0);
    std::string line;
    text.pop_back();
    for (const auto part : split(text, '\n'))
      line += indent + paint(fit(part, screen.columns - row.indent), row.style, screen.colour) + "\n";
    return line;
  }
  std::string line;
  std::string blanks;  // written only when something follows
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const Cell& cell = row.cells[i];
    if (i > 0) blanks += kGap;
    std::size_t size = width_of(cell.text);
    const bool is_long = size > widths[i];  // the first one only: it goes before the others
    if (is_long) {
      line += paint(fit(cell.text, screen.columns), cell.style, screen.colour) + "\n";
      size = 0;
    }
    const std::string padding(widths[i] - size, ' ');
    if (columns_[i].side == Side::right) blanks += padding;
    if (!is_long && !cell.text.empty()) {
      line += std::exchange(blanks, {}) + paint(cell.text, cell.style, screen.colour);
    }
    if (columns_[i].side == Side::left) blanks += padding;
  }
  return line + "\n";
}

std::string Table::text(const Screen& screen) const {
  const auto found = widths(screen.columns);
  Row titles;
  for (const Column& column : columns_) titles.cells.push_back({column.title, Style::strong});
  std::string text = line_of(titles, found, screen);
  for (const Row& row : rows_) text += line_of(row, found, screen);
  return text;
}

}  // namespace amb
