// SPDX-License-Identifier: Apache-2.0
#include "admin/otlp_json.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace amb {
namespace {

Span span() {
  return {.trace_id = {0, 1, 0xab},
          .span_id = {0xff, 2},
          .start_ms = 1700000000123,
          .end_ms = 1700000000456,
          .connected_ms = 1700000000125,
          .link = "redis",
          .downstream = {"10.0.0.1", 40000},
          .upstream = {"fd00::5", 6379},
          .bytes_to_upstream = 18446744073709551615ULL,
          .bytes_to_downstream = 5,
          .relay = "splice",
          .close_reason = "upstream_reset",
          .close_side = "upstream",
          .error = "Connection reset by peer",
          .protocol = "redis",
          .server_name = {},
          .is_error = true};
}

TEST(OtlpJson, IsARequestWithItsResourceScopeAndSpans) {
  EXPECT_EQ(
      otlp_json(std::vector{span()}, {{"service.name", "shop"}}, "1.2.3"),
      R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},)"
      R"("scopeSpans":[{"scope":{"name":"ambassador","version":"1.2.3"},"spans":[)"
      R"({"traceId":"0001ab00000000000000000000000000","spanId":"ff02000000000000","name":"session redis","kind":2,)"
      R"("startTimeUnixNano":"1700000000123000000","endTimeUnixNano":"1700000000456000000","attributes":[)"
      R"({"key":"ambassador.link","value":{"stringValue":"redis"}},)"
      R"({"key":"network.transport","value":{"stringValue":"tcp"}},)"
      R"({"key":"client.address","value":{"stringValue":"10.0.0.1"}},{"key":"client.port","value":{"intValue":"40000"}},)"
      R"({"key":"network.peer.address","value":{"stringValue":"fd00::5"}},{"key":"network.peer.port","value":{"intValue":"6379"}},)"
      R"({"key":"network.protocol.name","value":{"stringValue":"redis"}},)"
      R"({"key":"ambassador.bytes.to_upstream","value":{"intValue":"18446744073709551615"}},)"
      R"({"key":"ambassador.bytes.to_downstream","value":{"intValue":"5"}},)"
      R"({"key":"ambassador.relay","value":{"stringValue":"splice"}},)"
      R"({"key":"ambassador.close.reason","value":{"stringValue":"upstream_reset"}},)"
      R"({"key":"ambassador.close.side","value":{"stringValue":"upstream"}},)"
      R"({"key":"error.type","value":{"stringValue":"upstream_reset"}}],)"
      R"("events":[{"name":"connected","timeUnixNano":"1700000000125000000"}],)"
      R"("status":{"code":2,"message":"Connection reset by peer"}}]}]}]})");
}

TEST(OtlpJson, LeavesOutWhatThereIsNot) {
  const std::string json = otlp_json(std::vector{Span{.link = "a", .protocol = "none"}}, {}, "1");
  for (const char* absent :
       {"client.", "network.peer", "network.protocol", "tls.", "error.type", "events", "status"})
    EXPECT_EQ(json.find(absent), std::string::npos) << absent;
  EXPECT_NE(json.find(R"("network.transport","value":{"stringValue":"unix"})"), std::string::npos);
}

TEST(OtlpJson, IsValidWhateverAClientSaid) {
  Span hostile = span();
  hostile.server_name = std::string("\xff\n\"\x1b\0", 5) + std::string(4096, 'x');
  const std::string json = otlp_json(std::vector{hostile}, {{"a\nb", "\xc3"}}, "1");
  EXPECT_NO_THROW((void)boost::json::parse(json));
  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_LT(json.size(), 4096U);
}

TEST(PartialSuccess, TellsWhatWasNotTaken) {
  const auto some = read_partial_success(R"({"partialSuccess":{"rejectedSpans":"12","errorMessage":"old"}})");
  ASSERT_TRUE(some);
  EXPECT_EQ(some->rejected, 12U);
  EXPECT_EQ(some->message, "old");
  EXPECT_EQ(read_partial_success(R"({"partialSuccess":{"rejectedSpans":3}})")->rejected, 3U);
  for (const char* all :
       {"", "{}", "nonsense", "[]", R"({"partialSuccess":{}})", R"({"partialSuccess":{"rejectedSpans":"0"}})",
        R"({"partialSuccess":{"rejectedSpans":-1}})", R"({"partialSuccess":7})"})
    EXPECT_FALSE(read_partial_success(all)) << all;
}

}  // namespace
}  // namespace amb
