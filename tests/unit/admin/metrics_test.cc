// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"

namespace amb {
namespace {

/// A program with one link, and nothing that has happened.
Metrics with_link(LinkStatus link) {
  Metrics metrics;
  metrics.status.version = "1.2.3";
  metrics.status.commit = "abc";
  metrics.status.state = "ready";
  metrics.status.links.push_back(std::move(link));
  metrics.links.resize(1);
  for (auto* histogram : {&metrics.links[0].connect, &metrics.links[0].first_byte, &metrics.links[0].life})
    *histogram = {.bounds_ms = {1000}, .counts = {0, 0}, .sum_ms = 0};
  return metrics;
}

std::vector<std::string> lines_of(const Metrics& metrics, MetricsFormat format = MetricsFormat::prometheus) {
  std::string text = to_text(metrics, format);
  EXPECT_TRUE(text.ends_with('\n'));
  text.pop_back();
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n')) lines.emplace_back(line);
  return lines;
}

/// The samples of a family, or of all whose names begin so, without that beginning.
std::vector<std::string> samples(const Metrics& metrics, const std::string& name) {
  std::vector<std::string> found;
  for (const std::string& line : lines_of(metrics))
    if (line.starts_with(name)) found.push_back(line.substr(name.size()));
  return found;
}

using Samples = std::vector<std::string>;

TEST(Metrics, SayHowTheProgramIs) {
  Metrics metrics = with_link({.name = "redis"});
  metrics.status.most_sessions = 100;
  metrics.status.generation = 3;
  metrics.status.reloads_rejected = 2;
  metrics.events = {{"listening", 1}, {"ready", 1}, {"session_failed", 40}};
  metrics.log_lines_dropped = 5;
  EXPECT_EQ(samples(metrics, "amb_build_info"), Samples{"{version=\"1.2.3\",commit=\"abc\"} 1"});
  EXPECT_EQ(samples(metrics, "amb_ready "), Samples{"1"});
  EXPECT_EQ(samples(metrics, "amb_sessions_limit "), Samples{"100"});
  EXPECT_EQ(samples(metrics, "amb_wiring_"), (Samples{"generation 3", "rejected_total 2", "is_rejected 0"}));
  EXPECT_EQ(samples(metrics, "amb_events_total"),
            (Samples{"{event=\"listening\"} 1", "{event=\"ready\"} 1", "{event=\"session_failed\"} 40"}));
  EXPECT_EQ(samples(metrics, "amb_log_lines_dropped_total "), Samples{"5"});
  EXPECT_EQ(samples(metrics, "amb_state{"),
            (Samples{"state=\"ready\"} 1", "state=\"degraded\"} 0", "state=\"at_limit\"} 0",
                     "state=\"draining\"} 0", "state=\"settling\"} 0", "state=\"stopping\"} 0"}));
  metrics.status.state = "stopping";
  metrics.status.last_rejection.emplace();
  EXPECT_EQ(samples(metrics, "amb_ready "), Samples{"0"});
  EXPECT_EQ(samples(metrics, "amb_wiring_is_rejected "), Samples{"1"});
}

TEST(Metrics, CountSessionsAndBytesOfALink) {
  const Metrics metrics = with_link({.name = "a/\"b\"",
                                     .state = "up",
                                     .sessions = 2,
                                     .opened = 9,
                                     .bytes_to_upstream = 10,
                                     .bytes_to_downstream = 20});
  EXPECT_EQ(samples(metrics, "amb_link_up"), Samples{"{link=\"a/\\\"b\\\"\"} 1"});
  EXPECT_EQ(samples(metrics, "amb_sessions{"), Samples{"link=\"a/\\\"b\\\"\"} 2"});
  EXPECT_EQ(samples(metrics, "amb_sessions_opened_total"), Samples{"{link=\"a/\\\"b\\\"\"} 9"});
  EXPECT_EQ(samples(metrics, "amb_bytes_total"),
            (Samples{"{link=\"a/\\\"b\\\"\",direction=\"to_upstream\"} 10",
                     "{link=\"a/\\\"b\\\"\",direction=\"to_downstream\"} 20"}));
}

TEST(Metrics, SayOfALinkThatIsNotUpThatItIsNot) {
  for (const char* state : {"down", "settling", "drained"})
    EXPECT_EQ(samples(with_link({.name = "a", .state = state}), "amb_link_up"), Samples{"{link=\"a\"} 0"});
}

TEST(Metrics, SayWhoseSideAnEndWas) {
  const std::vector<std::pair<std::string, std::string>> sides = {{"eof", "both"},
                                                                  {"client_reset", "downstream"},
                                                                  {"client_dead", "downstream"},
                                                                  {"upstream_reset", "upstream"},
                                                                  {"upstream_dead", "upstream"},
                                                                  {"endpoint_down", "upstream"},
                                                                  {"connect_refused", "upstream"},
                                                                  {"connect_timeout", "upstream"},
                                                                  {"no_upstream", "upstream"},
                                                                  {"idle_timeout", "link"},
                                                                  {"halfclose_timeout", "link"},
                                                                  {"drain_deadline", "operator"},
                                                                  {"removed", "operator"},
                                                                  {"limit", "ourselves"},
                                                                  {"internal", "ourselves"}};
  LinkStatus link{.name = "a"};
  Samples expected;
  for (const auto& [reason, side] : sides) {
    link.closed.emplace_back(reason, link.closed.size() + 1);
    expected.push_back("{link=\"a\",reason=\"" + reason + "\",side=\"" + side + "\"} " +
                       std::to_string(link.closed.size()));
  }
  EXPECT_EQ(samples(with_link(link), "amb_sessions_closed_total"), expected);
}

TEST(Metrics, SayHowEndpointsAre) {
  LinkStatus link{.name = "a"};
  for (const char* health : {"up", "down", "standby", "unknown", "unchecked"})
    link.endpoints.push_back({.target = "tcp://t:1", .address = health, .health = health, .reason = "why"});
  link.endpoints[0].sessions = 4;
  link.endpoints[1].ejected_by = 2;
  const Metrics metrics = with_link(link);
  EXPECT_EQ(samples(metrics, "amb_endpoints"),
            (Samples{"{link=\"a\",health=\"up\"} 1", "{link=\"a\",health=\"down\"} 1",
                     "{link=\"a\",health=\"standby\"} 1", "{link=\"a\",health=\"unknown\"} 1",
                     "{link=\"a\",health=\"unchecked\"} 1"}));
  EXPECT_EQ(samples(metrics, "amb_endpoint_up"),
            (Samples{"{link=\"a\",endpoint=\"up\"} 1", "{link=\"a\",endpoint=\"down\"} 0"}))
      << "nobody knows of the others, and nothing is wrong with a standby";
  EXPECT_EQ(samples(metrics, "amb_endpoint_standby"),
            (Samples{"{link=\"a\",endpoint=\"up\"} 0", "{link=\"a\",endpoint=\"down\"} 0",
                     "{link=\"a\",endpoint=\"standby\"} 1"}));
  EXPECT_EQ(samples(metrics, "amb_endpoint_sessions").at(0), "{link=\"a\",endpoint=\"up\"} 4");
  EXPECT_EQ(samples(metrics, "amb_endpoint_ejected_workers").at(1), "{link=\"a\",endpoint=\"down\"} 2");
}

TEST(Metrics, NameOnlySoManyEndpointsAndCountThemAll) {
  LinkStatus link{.name = "a"};
  for (std::size_t i = 0; i < kMostEndpoints + 50; ++i)
    link.endpoints.push_back(
        {.target = "tcp://t:1", .address = std::to_string(i), .health = "up", .reason = ""});
  const Metrics metrics = with_link(link);
  for (const char* family : {"amb_endpoint_up", "amb_endpoint_sessions", "amb_endpoint_ejected_workers"})
    EXPECT_EQ(samples(metrics, family).size(), kMostEndpoints) << family;
  EXPECT_EQ(samples(metrics, "amb_endpoints{link=\"a\",health=\"up\"} "), Samples{"150"});
}

TEST(Metrics, SayHowWorkersAre) {
  Metrics metrics = with_link({.name = "a"});
  metrics.workers = {{.sessions = 1, .cpu_us = 1'500'000, .accept_failures = 2, .limit_pauses = 3},
                     {.sessions = 4, .cpu_us = 250, .accept_failures = 5, .limit_pauses = 6}};
  EXPECT_EQ(samples(metrics, "amb_worker_sessions"), (Samples{"{worker=\"0\"} 1", "{worker=\"1\"} 4"}));
  EXPECT_EQ(samples(metrics, "amb_worker_cpu_seconds_total"),
            (Samples{"{worker=\"0\"} 1.5", "{worker=\"1\"} 0.00025"}));
  EXPECT_EQ(samples(metrics, "amb_accept_errors_total"), (Samples{"{worker=\"0\"} 2", "{worker=\"1\"} 5"}));
  EXPECT_EQ(samples(metrics, "amb_accept_pauses_total"), (Samples{"{worker=\"0\"} 3", "{worker=\"1\"} 6"}));
}

TEST(Metrics, SayHowLongThingsTook) {
  Metrics metrics = with_link({.name = "a"});
  metrics.links[0].connect = {.bounds_ms = {1, 5}, .counts = {1, 2, 3}, .sum_ms = 100};
  EXPECT_EQ(samples(metrics, "amb_connect_seconds_"),
            (Samples{"bucket{link=\"a\",le=\"0.001\"} 1", "bucket{link=\"a\",le=\"0.005\"} 3",
                     "bucket{link=\"a\",le=\"+Inf\"} 6", "sum{link=\"a\"} 0.1", "count{link=\"a\"} 6"}));
  EXPECT_EQ(samples(metrics, "amb_first_byte_seconds_count"), Samples{"{link=\"a\"} 0"});
  EXPECT_EQ(samples(metrics, "amb_session_seconds_count"), Samples{"{link=\"a\"} 0"});
}

TEST(Metrics, SayHowThePathsAreThatWereLookedAt) {
  Metrics metrics = with_link({.name = "a"});
  EXPECT_TRUE(samples(metrics, "amb_rtt_seconds").empty()) << "a mean of nothing";
  metrics.links[0].upstream = {.sessions = 4, .rtt_us = 1000, .retransmitted = 7};
  EXPECT_EQ(samples(metrics, "amb_rtt_seconds"), Samples{"{link=\"a\",side=\"upstream\"} 0.00025"});
  EXPECT_EQ(samples(metrics, "amb_retransmitted_segments"), Samples{"{link=\"a\",side=\"upstream\"} 7"});
  metrics.links[0].downstream = {.sessions = 1, .rtt_us = 30, .retransmitted = 0};
  EXPECT_EQ(samples(metrics, "amb_rtt_seconds").at(0), "{link=\"a\",side=\"downstream\"} 0.00003");
}

TEST(Metrics, SayHowNamesAre) {
  Metrics metrics = with_link({.name = "a"});
  metrics.names = {{"redis", 1500, false}, {"db.internal", 3'600'000, true}};
  EXPECT_EQ(samples(metrics, "amb_name_age_seconds"),
            (Samples{"{name=\"redis\"} 1.5", "{name=\"db.internal\"} 3600"}));
  EXPECT_EQ(samples(metrics, "amb_name_failing"),
            (Samples{"{name=\"redis\"} 0", "{name=\"db.internal\"} 1"}));
}

TEST(Metrics, SayWhatTheProcessUsesUnderTheNamesThatAllUse) {
  Metrics metrics = with_link({.name = "a"});
  metrics.process = {.cpu_us = 2'500'000,
                     .start_s = 1'795'000'000,
                     .resident_bytes = 8192,
                     .open_descriptors = 17,
                     .most_descriptors = 1024};
  EXPECT_EQ(samples(metrics, "process_"),
            (Samples{"cpu_seconds_total 2.5", "start_time_seconds 1795000000", "resident_memory_bytes 8192",
                     "open_fds 17", "max_fds 1024"}));
}

TEST(Metrics, LeaveOutWhatCannotBeMeasured) {
  Metrics metrics = with_link({.name = "a"});
  metrics.process = {.start_s = 1, .resident_bytes = {}, .open_descriptors = {}, .most_descriptors = 1024};
  EXPECT_EQ(samples(metrics, "process_"),
            (Samples{"cpu_seconds_total 0", "start_time_seconds 1", "max_fds 1024"}));
}

TEST(Metrics, DifferBetweenTheFormatsInCountersHeadsAndTheLastLineAlone) {
  Metrics metrics = with_link({.name = "a", .state = "up"});
  metrics.workers.resize(1);
  metrics.events = {{"ready", 1}};
  auto plain = lines_of(metrics);
  auto open = lines_of(metrics, MetricsFormat::open_metrics);
  EXPECT_EQ(open.back(), "# EOF");
  open.pop_back();
  ASSERT_EQ(open.size(), plain.size());
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (plain[i] == open[i]) continue;
    EXPECT_TRUE(open[i].starts_with("# ")) << open[i];
    EXPECT_EQ(plain[i].erase(plain[i].find("_total "), 6), open[i]);
  }
  EXPECT_EQ(std::ranges::count(open, "# TYPE amb_sessions_opened counter"), 1);
  EXPECT_EQ(std::ranges::count(open, "amb_sessions_opened_total{link=\"a\"} 0"), 1);
}

TEST(MetricsFormatWanted, IsThatOfPrometheusUnlessOpenMetricsIsAccepted) {
  for (const char* accept : {"", "*/*", "text/plain", "text/html,application/xhtml+xml", "application/json"})
    EXPECT_EQ(metrics_format(accept), MetricsFormat::prometheus) << accept;
  for (const char* accept :
       {"application/openmetrics-text",
        "application/openmetrics-text;version=1.0.0;q=0.75,application/openmetrics-text;version=0.0.1;q=0.5,"
        "text/plain;version=0.0.4;q=0.25,*/*;q=0.1"})
    EXPECT_EQ(metrics_format(accept), MetricsFormat::open_metrics) << accept;
  EXPECT_EQ(content_type(MetricsFormat::prometheus), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(content_type(MetricsFormat::open_metrics),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

TEST(MetricsFormatWanted, IsTheOneOfTheGreaterQuality) {
  const std::string open = "application/openmetrics-text", plain = "text/plain";
  for (const std::string& accept :
       std::vector<std::string>{open + ";q=0", open + ";q=0.0, */*", open + ";q=0.3, " + plain + ";q=0.4",
                                plain + ", " + open + ";q=0.999", open + "; q=0.3 , text/*;q=0.5",
                                open + ";q=0.3,*/*;q=0.5", open + ";q=x", open + ";q=2", open + ";q=0.1234",
                                open + ";version=2.0.0", "application/openmetrics-textual"})
    EXPECT_EQ(metrics_format(accept), MetricsFormat::prometheus) << accept;
  for (const std::string& accept : std::vector<std::string>{
           open + ";q=0.001", open + " ; version=\"1.0.0\" ; Q=0.5, " + plain + ";q=0.4",
           "APPLICATION/OpenMetrics-Text;q=1.000, " + plain, open + ";q=0.5, " + plain + ";q=0.1, */*;q=1",
           open + ";version=1.0.0;escaping=allow-utf-8;q=0.6," + plain + ";version=0.0.4;q=0.3,*/*;q=0.2"})
    EXPECT_EQ(metrics_format(accept), MetricsFormat::open_metrics) << accept;
}

TEST(Metrics, CountSessionsByWhatTheySpeak) {
  Metrics metrics = with_link({.name = "a", .protocols = {{"redis", 4}, {"tls", 1}}});
  metrics.protocols = {{"redis", {.bounds_ms = {1}, .counts = {3, 1}, .sum_ms = 9}}};
  EXPECT_EQ(samples(metrics, "amb_sessions_by_protocol_total"),
            (Samples{"{link=\"a\",protocol=\"redis\"} 4", "{link=\"a\",protocol=\"tls\"} 1"}));
  EXPECT_EQ(samples(metrics, "amb_answer_seconds_bucket").at(0), "{protocol=\"redis\",le=\"0.001\"} 3");
  EXPECT_EQ(samples(metrics, "amb_answer_seconds_count"), Samples{"{protocol=\"redis\"} 4"});
}

TEST(Metrics, CountSpansWhileThereAreAny) {
  Metrics metrics = with_link({.name = "a"});
  EXPECT_TRUE(samples(metrics, "amb_spans").empty());
  metrics.traces = TraceMetrics{.exported = 5, .dropped = 2, .failures = 1};
  EXPECT_EQ(samples(metrics, "amb_spans_"), (Samples{"exported_total 5", "dropped_total 2"}));
  EXPECT_EQ(samples(metrics, "amb_trace_export_failures_total"), Samples{" 1"});
}

}  // namespace
}  // namespace amb
