// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "base/style.h"
#include "base/text.h"
#include "wiring/listen_address.h"
#include "wiring/options.h"
#include "wiring/report.h"

namespace amb {

namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kFateWidth = 9;  // "problem" and two spaces

Style style_of(Candidate::Fate fate) {
  switch (fate) {
    case Candidate::Fate::link:
    case Candidate::Fate::merged:
      return Style::good;
    case Candidate::Fate::ignored:
      return Style::quiet;
    case Candidate::Fate::problem:
      return Style::bad;
  }
  return Style::plain;
}

/// Lines with an indent, broken between words.
class Page {
 public:
  explicit Page(bool colour) : colour_(colour) {}

  void heading(std::string_view text) {
    if (!text_.empty()) text_ += "\n";
    text_ += paint(text, Style::strong) + "\n";
  }

  /// A short label and a paragraph that hangs beside it.
  void item(std::size_t indent, std::string_view label, std::size_t label_width, std::string_view text,
            Style style = Style::plain) {
    std::string line(indent, ' ');
    line += paint(label, style);
    line.append(label_width - std::min(label.size(), label_width), ' ');
    std::size_t column = indent + std::max(label.size(), label_width);
    const std::size_t hang = indent + label_width;
    bool is_first = true;
    for (const auto word : split(text, ' ')) {
      if (!is_first && column + 1 + word.size() > kColumns) {
        text_ += line + "\n";
        line = std::string(hang, ' ');
        column = hang;
      } else if (!is_first) {
        line += ' ';
        ++column;
      }
      line += word;
      column += word.size();
      is_first = false;
    }
    text_ += line + "\n";
  }

  std::string take() { return std::move(text_); }

 private:
  std::string paint(std::string_view text, Style style) const { return amb::paint(text, style, colour_); }

  bool colour_;
  std::string text_;
};

std::string count(std::size_t number, std::string_view word) {
  return std::to_string(number) + " " + std::string(word) + (number == 1 ? "" : "s");
}

/// "variable X = value"; the value is left out where it is secret or there is none.
std::string assignment(const Origin& origin, std::string_view value) {
  std::string text = escape_text(to_string(origin));
  return value.empty() ? text : text + " = " + escape_text(value);
}

template <class Range, class Render>
std::string listed(const Range& range, Render render) {
  std::string text;
  for (const auto& item : range) text += (text.empty() ? "" : ", ") + render(item);
  return text;
}

/// "policy=random, dead_peer=5s (variable X)": a line for each place that options come from.
std::vector<std::string> changed_options(const Link& link) {
  std::vector<std::pair<std::string, std::string>> by_origin;
  for (const auto& option : option_table()) {
    const auto value = option.show(link.options);
    if (value == option.initial) continue;
    const auto origin = origin_of_option(link, option.name);
    auto line = std::ranges::find(by_origin, origin, &std::pair<std::string, std::string>::first);
    if (line == by_origin.end()) line = by_origin.insert(line, {origin, {}});
    line->second += (line->second.empty() ? "" : ", ") + std::string(option.name) + "=" + value;
  }
  std::vector<std::string> lines;
  for (const auto& [origin, options] : by_origin) lines.push_back(options + " (" + origin + ")");
  return lines;
}

/// Every option on a line of its own. Where it listens is told above.
std::vector<std::string> all_options(const Link& link) {
  std::vector<std::string> lines;
  for (const auto& option : option_table()) {
    if (option.repeatable) continue;
    lines.push_back(std::string(option.name) + "=" + option.show(link.options) + " (" +
                    origin_of_option(link, option.name) + ")");
  }
  return lines;
}

std::string target_text(const Target& target) {
  std::string text = escape_text(target.text);
  if (target.fallback) text += " (fallback " + target.fallback->to_string() + ")";
  return text;
}

void print_link(const Link& link, Detail detail, Page& page) {
  constexpr std::size_t kLabel = 11;
  page.item(2, link.name, 0, "", Style::good);
  page.item(4, "listens on", kLabel, listed(link.listen, format_listen_address));
  page.item(4, "leads to", kLabel, listed(link.targets, target_text));
  page.item(4, "from", kLabel, listed(link.origins, [](const auto& o) { return escape_text(to_string(o)); }));
  std::string_view label = "with";
  for (const auto& line : detail == Detail::all_options ? all_options(link) : changed_options(link))
    page.item(4, std::exchange(label, ""), kLabel, line);
}

void print_candidate(const Candidate& candidate, Page& page) {
  page.item(2, to_string(candidate.fate), kFateWidth, assignment(candidate.origin, candidate.value),
            style_of(candidate.fate));
  if (!candidate.why.empty()) page.item(2 + kFateWidth, "", 0, candidate.why);
}

void print_problem(const Problem& problem, Page& page) {
  constexpr std::size_t kLabel = 10;
  page.item(2, "!", 2, assignment(problem.origin, problem.value), Style::bad);
  page.item(4, "problem", kLabel, problem.what);
  page.item(4, "accepted", kLabel, problem.accepted);
}

}  // namespace

std::string report_text(const Findings& findings, bool colour, Detail detail) {
  Page page(colour);
  if (findings.problems.empty()) {
    page.heading(count(findings.links.size(), "link"));
    for (const auto& link : findings.links) print_link(link, detail, page);
  }
  if (!findings.candidates.empty()) {
    page.heading(count(findings.candidates.size(), "candidate") + " considered");
    for (const auto& candidate : findings.candidates) print_candidate(candidate, page);
  }
  if (!findings.notes.empty()) {
    page.heading(count(findings.notes.size(), "note"));
    for (const auto& note : findings.notes) page.item(2, "-", 2, note);
  }
  if (!findings.problems.empty()) {
    page.heading(count(findings.problems.total(), "problem") + "; nothing would be opened");
    for (const auto& problem : listed(findings.problems)) print_problem(problem, page);
  }
  return page.take();
}

}  // namespace amb
