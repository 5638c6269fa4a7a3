// SPDX-License-Identifier: Apache-2.0
#include "app/status_text.h"

#include <gtest/gtest.h>

#include "app/json_fields.h"
#include "app/table.h"
#include "base/text.h"

namespace amb {
namespace {

constexpr auto kStatus =
    R"({"version":"0.1.0","pid":7,"uptime_s":7980,"state":"degraded","reason":"1 of 2 links is down: db",
  "since_ms":1699999940000,"sessions":3,"most_sessions":9825,
  "last_rejection":null,"config":null,"links":[{"name":"redis","state":"up","reason":"","since_ms":1700000000000,"listen":["[::]:6379"],
  "upstream":["tcp://b:6379"],"declared":["tcp://a:6379"],"sessions":3,"opened":1204,"bytes_to_upstream":12345678,
  "bytes_to_downstream":1100000000,"endpoints":[
    {"target":"tcp://b:6379","address":"10.0.0.5:6379","health":"up","reason":"PONG","ejected_by":0,"sessions":3},
    {"target":"tcp://b:6379","address":"10.0.0.6:6379","health":"down","reason":"no answer","ejected_by":0,"sessions":0},
    {"target":"tcp://b:6379","address":"10.0.0.7:6379","health":"unchecked","reason":"","ejected_by":2,"sessions":0}]}]})";

std::string text_of_status(const std::string& status, const StatusBefore* before = nullptr,
                           std::size_t columns = 80) {
  return status_text(parse_answer(status), before, {.columns = columns}, 1700000180000);
}

TEST(StatusText, TellsLinksAndTheirEndpoints) {
  EXPECT_EQ(text_of_status(kStatus),
            "degraded for 4m: 1 of 2 links is down: db\n"
            "ambassador 0.1.0, up 2h 13m, 3 sessions of at most 9825\n"
            "\n"
            "LINK             STATE    SESSIONS  OPENED  TO UPSTREAM  TO DOWNSTREAM\n"
            "redis            up              3    1204      12.3 MB        1.10 GB\n"
            "  [::]:6379 -> tcp://b:6379\n"
            "  rewired; its source says tcp://a:6379\n"
            "  10.0.0.5:6379  up              3\n"
            "  10.0.0.6:6379  down            0\n"
            "      no answer\n"
            "  10.0.0.7:6379  ejected         0\n");
}

TEST(StatusText, TellsLinksWithTroubleFirstAndWhy) {
  auto status = parse_answer(kStatus);
  status.as_object()["links"].as_array().push_back(parse_answer(
      R"({"name":"db","state":"down","reason":"10.0.0.9:5432: no answer","since_ms":1699999940000,"listen":["[::]:5432"],
          "upstream":["tcp://d:5432"],"declared":[],"sessions":0,"opened":0,"endpoints":[]})"));
  const std::string text = status_text(status, nullptr, {}, 1700000180000);
  EXPECT_LT(text.find("\ndb "), text.find("\nredis ")) << text;
  EXPECT_NE(text.find("\n  down for 4m: 10.0.0.9:5432: no answer\n  [::]:5432 -> tcp://d:5432\n"),
            std::string::npos)
      << text;
}

TEST(StatusText, ShowsAStandbyAsOneWithItsReasonThoughWorkersHaveEjectedIt) {
  std::string status = kStatus;
  const std::string down = R"("health":"down","reason":"no answer","ejected_by":0)";
  status.replace(status.find(down), down.size(),
                 R"("health":"standby","reason":"it is a replica of 10.0.0.5:6379","ejected_by":2)");
  const std::string text = text_of_status(status);
  EXPECT_NE(text.find("  10.0.0.6:6379  standby         0\n      it is a replica of 10.0.0.5:6379\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(style_of_state("standby"), Style::quiet) << "nothing is wrong";
}

TEST(StatusText, HasRatesBesideAnEarlierStatus) {
  auto earlier = parse_answer(kStatus);
  auto& link = earlier.as_object()["links"].as_array()[0].as_object();
  link["opened"] = 1184;
  link["bytes_to_upstream"] = 2345678;
  const StatusBefore before{earlier, std::chrono::milliseconds(2000)};
  const std::string text = text_of_status(kStatus, &before);
  EXPECT_NE(text.find("    10/s    5.00 MB/s          0 B/s\n"), std::string::npos) << text;
  const StatusBefore nothing;
  EXPECT_NE(text_of_status(kStatus, &nothing).find("       -            -              -\n"),
            std::string::npos);
}

TEST(StatusText, TellsThatAReloadWasTurnedDown) {
  auto status = parse_answer(kStatus);
  status.as_object()["config"] = "/etc/ambassador.toml";
  status.as_object()["last_rejection"] = parse_answer(
      R"({"time_ms":1700000000000,"problems":[{"from":"links.toml:4:1","problem":"it is wrong"},{"from":"b","problem":"c"}]})");
  const std::string text = status_text(status, nullptr, {}, 1700000180000);
  EXPECT_NE(text.find("links of /etc/ambassador.toml\n"), std::string::npos) << text;
  EXPECT_NE(text.find("a reload was turned down 3m ago.\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n    links.toml:4:1: it is wrong (and 1 more)\n"), std::string::npos) << text;
}

TEST(StatusText, FitsTheScreen) {
  std::string status = kStatus;
  const std::string address = "10.0.0.5:6379";
  status.replace(status.find(address), address.size(), "[fd00:1234:5678:9abc:def0:1234:5678:9abc]:16379");
  for (const std::size_t columns : {70U, 80U, 120U}) {
    const std::string text = text_of_status(status, nullptr, columns);
    for (const auto line : split(text, '\n')) EXPECT_LE(width_of(line), columns) << line;
  }
}

TEST(StatusText, OfAnAnswerThatIsNoneIsNoLinks) {
  EXPECT_NE(text_of_status("nonsense").find("LINK  STATE"), std::string::npos);
}

}  // namespace
}  // namespace amb
