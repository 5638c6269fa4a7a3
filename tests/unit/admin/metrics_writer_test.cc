// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics_writer.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using Unit = MetricsWriter::Unit;

/// What `write` writes, in the format of Prometheus.
template <class Write>
std::string text_of(Write write, MetricsFormat format = MetricsFormat::prometheus) {
  MetricsWriter out(format);
  write(out);
  return out.finish();
}

/// The value of one sample, as it is written.
std::string value_of(std::uint64_t value, Unit unit) {
  const std::string text = text_of([&](MetricsWriter& out) {
    out.gauge("g", "Help.");
    out.sample({}, value, unit);
  });
  const std::string head = "# HELP g Help.\n# TYPE g gauge\ng ";
  EXPECT_TRUE(text.starts_with(head)) << text;
  EXPECT_TRUE(text.ends_with('\n')) << text;
  return text.substr(head.size(), text.size() - head.size() - 1);
}

TEST(MetricsWriter, WritesAFamilysHeadOnceBeforeItsSamples) {
  EXPECT_EQ(text_of([](MetricsWriter& out) {
              out.gauge("sessions", "Open sessions.");
              out.sample({{"link", "a"}}, 1);
              out.sample({{"link", "b"}, {"side", "upstream"}}, 18446744073709551615U);
            }),
            "# HELP sessions Open sessions.\n"
            "# TYPE sessions gauge\n"
            "sessions{link=\"a\"} 1\n"
            "sessions{link=\"b\",side=\"upstream\"} 18446744073709551615\n");
}

TEST(MetricsWriter, NamesTheFamilyOfACounterAsEachFormatWants) {
  const auto write = [](MetricsWriter& out) {
    out.counter("bytes", "Bytes.");
    out.sample({}, 7);
  };
  EXPECT_EQ(text_of(write), "# HELP bytes_total Bytes.\n# TYPE bytes_total counter\nbytes_total 7\n");
  EXPECT_EQ(text_of(write, MetricsFormat::open_metrics),
            "# HELP bytes Bytes.\n# TYPE bytes counter\nbytes_total 7\n# EOF\n");
}

TEST(MetricsWriter, LeavesOutAFamilyWithoutSamples) {
  EXPECT_EQ(text_of([](MetricsWriter& out) {
              out.gauge("nobody", "Help.");
              out.counter("nothing", "Help.");
              out.histograms("never", "Help.");
              out.gauge("one", "Help.");
              out.sample({}, 0);
              out.gauge("last", "Help.");
            }),
            "# HELP one Help.\n# TYPE one gauge\none 0\n");
  EXPECT_EQ(text_of([](MetricsWriter&) {}), "");
  EXPECT_EQ(text_of([](MetricsWriter&) {}, MetricsFormat::open_metrics), "# EOF\n");
}

TEST(MetricsWriter, EscapesWhatALabelMayNotHold) {
  EXPECT_EQ(text_of([](MetricsWriter& out) {
              out.gauge("g", "Help.");
              out.sample({{"link", "a\"b\\c\nd{e},f=/ü"}}, 1);
            }),
            "# HELP g Help.\n# TYPE g gauge\ng{link=\"a\\\"b\\\\c\\nd{e},f=/ü\"} 1\n");
}

TEST(MetricsWriter, WritesTimesAsSeconds) {
  EXPECT_EQ(value_of(1500, Unit::one), "1500");
  EXPECT_EQ(value_of(0, Unit::ms), "0");
  EXPECT_EQ(value_of(1, Unit::ms), "0.001");
  EXPECT_EQ(value_of(50, Unit::ms), "0.05");
  EXPECT_EQ(value_of(1000, Unit::ms), "1");
  EXPECT_EQ(value_of(1500, Unit::ms), "1.5");
  EXPECT_EQ(value_of(20'000, Unit::ms), "20");
  EXPECT_EQ(value_of(1, Unit::us), "0.000001");
  EXPECT_EQ(value_of(1'000'001, Unit::us), "1.000001");
  EXPECT_EQ(value_of(90'210'000, Unit::us), "90.21");
  EXPECT_EQ(value_of(18446744073709551615U, Unit::us), "18446744073709.551615");
}

TEST(MetricsWriter, SumsTheCountsOfAHistogramUp) {
  EXPECT_EQ(text_of([](MetricsWriter& out) {
              out.histograms("wait_seconds", "Waiting.");
              out.histogram({{"link", "a"}},
                            {.bounds_ms = {1, 250, 10'000}, .counts = {3, 0, 2, 1}, .sum_ms = 23'456});
            }),
            "# HELP wait_seconds Waiting.\n"
            "# TYPE wait_seconds histogram\n"
            "wait_seconds_bucket{link=\"a\",le=\"0.001\"} 3\n"
            "wait_seconds_bucket{link=\"a\",le=\"0.25\"} 3\n"
            "wait_seconds_bucket{link=\"a\",le=\"10\"} 5\n"
            "wait_seconds_bucket{link=\"a\",le=\"+Inf\"} 6\n"
            "wait_seconds_sum{link=\"a\"} 23.456\n"
            "wait_seconds_count{link=\"a\"} 6\n");
}

TEST(MetricsWriter, WritesAHistogramWithoutLabels) {
  EXPECT_EQ(text_of(
                [](MetricsWriter& out) {
                  out.histograms("h", "Help.");
                  out.histogram({}, {.bounds_ms = {}, .counts = {0}, .sum_ms = 0});
                },
                MetricsFormat::open_metrics),
            "# HELP h Help.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n# EOF\n");
}

}  // namespace
}  // namespace amb
