// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics_writer.h"

#include <utility>

namespace amb {

namespace {

/// As a decimal of seconds where it is a time: 1500 ms are "1.5".
std::string format_number(std::uint64_t value, MetricsWriter::Unit unit) {
  if (unit == MetricsWriter::Unit::one) return std::to_string(value);
  const std::uint64_t second = unit == MetricsWriter::Unit::ms ? 1000 : 1'000'000;
  std::string fraction = std::to_string(second + value % second).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return std::to_string(value / second) + (fraction.empty() ? "" : "." + fraction);
}

std::string escape_label(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

void MetricsWriter::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  type_ = type;
  help_ = help;
  has_head_ = false;
}

void MetricsWriter::write_head() {
  if (std::exchange(has_head_, true)) return;
  const bool has_suffix = type_ == "counter" && format_ == MetricsFormat::prometheus;
  const std::string family = name_ + (has_suffix ? "_total" : "");
  text_ += "# HELP " + family + " " + help_ + "\n# TYPE " + family + " " + type_ + "\n";
}

void MetricsWriter::sample(Labels labels, std::uint64_t value, Unit unit) {
  write(type_ == "counter" ? "_total" : "", labels, {}, format_number(value, unit));
}

void MetricsWriter::histogram(Labels labels, const HistogramStatus& histogram) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    sum += histogram.counts[i];
    const bool is_last = i == histogram.bounds_ms.size();
    const std::string bound = is_last ? "+Inf" : format_number(histogram.bounds_ms[i], Unit::ms);
    write("_bucket", labels, bound, std::to_string(sum));
  }
  write("_sum", labels, {}, format_number(histogram.sum_ms, Unit::ms));
  write("_count", labels, {}, std::to_string(sum));
}

void MetricsWriter::write(std::string_view suffix, Labels labels, const std::string& bound,
                          const std::string& value) {
  write_head();
  text_ += name_;
  text_ += suffix;
  char opening = '{';
  const auto write_label = [&](std::string_view label, std::string_view text) {
    text_ += std::exchange(opening, ',');
    text_ += label;
    text_ += "=\"" + escape_label(text) + "\"";
  };
  for (const auto& [label, text] : labels) write_label(label, text);
  if (!bound.empty()) write_label("le", bound);
  if (opening == ',') text_ += '}';
  text_ += " " + value + "\n";
}

std::string MetricsWriter::finish() {
  if (format_ == MetricsFormat::open_metrics) text_ += "# EOF\n";
  return std::move(text_);
}

}  // namespace amb
