// SPDX-License-Identifier: Apache-2.0
//
// Writes metric families in either of the two text formats, which differ in the names of counters' families
// and in the last line. A family without a sample is left out.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "admin/metrics.h"

namespace amb {

class MetricsWriter {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  enum class Unit { one, ms, us };  ///< What a value counts; times are written in seconds.

  explicit MetricsWriter(MetricsFormat format) : format_(format) {}

  // A family; its samples follow. A counter's name is without its "_total".
  void gauge(std::string_view name, std::string_view help) { begin(name, "gauge", help); }
  void counter(std::string_view name, std::string_view help) { begin(name, "counter", help); }
  void histograms(std::string_view name, std::string_view help) { begin(name, "histogram", help); }

  void sample(Labels labels, std::uint64_t value, Unit unit = Unit::one);
  void histogram(Labels labels, const HistogramStatus& histogram);

  std::string finish();

 private:
  void begin(std::string_view name, std::string_view type, std::string_view help);
  void write_head();
  void write(std::string_view suffix, Labels labels, const std::string& bound, const std::string& value);

  MetricsFormat format_;
  std::string name_;
  std::string type_;
  std::string help_;
  bool has_head_ = false;
  std::string text_;
};

}  // namespace amb
