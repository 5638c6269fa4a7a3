// SPDX-License-Identifier: Apache-2.0
#include "wiring/trace_settings.h"

#include <gtest/gtest.h>

#include <tuple>

namespace amb {
namespace {

TraceSettings to(std::string_view url) {
  TraceSettings settings;
  const auto outcome = read_trace_target(url, settings);
  EXPECT_TRUE(outcome) << url;
  return settings;
}

TEST(TraceTarget, IsACollectorWithAPathOrWithout) {
  for (const auto& [url, authority, port, path] :
       std::to_array<std::tuple<const char*, const char*, std::uint16_t, const char*>>({
           {"http://collector:4318", "collector:4318", 4318, "/v1/traces"},
           {"http://collector", "collector:4318", 4318, "/v1/traces"},
           {"http://collector/", "collector:4318", 4318, "/v1/traces"},
           {"http://10.0.0.5:80/otlp/v1/traces", "10.0.0.5:80", 80, "/otlp/v1/traces"},
           {"http://[::1]:4318", "[::1]:4318", 4318, "/v1/traces"},
       })) {
    const TraceSettings settings = to(url);
    EXPECT_TRUE(settings.is_on());
    EXPECT_EQ(settings.authority, authority) << url;
    EXPECT_EQ(settings.port, port) << url;
    EXPECT_EQ(settings.path, path) << url;
  }
  EXPECT_EQ(to("http://collector").host.name, "collector");
  EXPECT_EQ(to("http://10.0.0.5").host.address->host(), "10.0.0.5");
  EXPECT_FALSE(to("off").is_on());
}

TEST(TraceTarget, IsNothingElse) {
  for (const char* url : {"collector:4318", "grpc://collector:4317", "https://collector:4318", "http://",
                          "http://:4318", "http://collector:0", "http://collector:99999", "http://a b",
                          "http://user:key@collector", "http://collector/a b", "http://collector/\x1b"}) {
    TraceSettings settings;
    const auto outcome = read_trace_target(url, settings);
    ASSERT_FALSE(outcome) << url;
    EXPECT_FALSE(settings.is_on()) << url;
    EXPECT_NE(outcome.error().accepted.find("http://"), std::string::npos);
    EXPECT_EQ(outcome.error().what.find("key"), url == std::string_view("http://user:key@collector")
                                                    ? outcome.error().what.find("keys are for")
                                                    : std::string::npos)
        << "what may be a password is not told";
  }
}

TEST(TraceSample, IsAllErrorsOrAShare) {
  for (const auto& [text, percent] : std::to_array<std::pair<const char*, unsigned>>(
           {{"all", 100}, {"errors", 0}, {"0%", 0}, {"10%", 10}, {"100%", 100}})) {
    TraceSettings settings;
    EXPECT_TRUE(read_trace_sample(text, settings)) << text;
    EXPECT_EQ(settings.percent, percent) << text;
  }
  for (const char* text : {"off", "10", "101%", "-1%", "%", "ALL"}) {
    TraceSettings settings;
    EXPECT_FALSE(read_trace_sample(text, settings)) << text;
  }
}

TEST(OtelVariables, SayWhoSendsAndWithWhatKeys) {
  TraceSettings settings = to("http://collector");
  Problems problems;
  read_otel_variables({{"OTEL_SERVICE_NAME", "shop"},
                       {"OTEL_RESOURCE_ATTRIBUTES", "a=1, b=x%20y ,a=2,,service.name=other"},
                       {"OTEL_EXPORTER_OTLP_HEADERS", "X-Api-Key=k%3D1,x-scope=s"}},
                      settings, problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(settings.resource, (KeyValues{{"b", "x y"}, {"a", "2"}, {"service.name", "shop"}}));
  EXPECT_EQ(settings.headers, (KeyValues{{"x-api-key", "k=1"}, {"x-scope", "s"}}));
}

TEST(OtelVariables, AreAmbassadorUnlessTold) {
  TraceSettings settings = to("http://collector");
  Problems problems;
  read_otel_variables({}, settings, problems);
  EXPECT_EQ(settings.resource, (KeyValues{{"service.name", "ambassador"}}));
  EXPECT_TRUE(settings.headers.empty());
}

TEST(TraceTarget, ShowsNoPassword) {
  for (const auto* url : {"http://u:s3cret@c:4318", "http://u:s3c/ret@c:4318", "u:s3cret@c"}) {
    TraceSettings settings;
    const auto outcome = read_trace_target(url, settings);
    ASSERT_FALSE(outcome) << url;
    EXPECT_EQ(outcome.error().what.find("s3c"), std::string::npos) << outcome.error().what;
  }
}

TEST(OtelVariables, AreProblemsWhereTheyCannotBeRead) {
  TraceSettings settings = to("http://collector");
  Problems problems;
  read_otel_variables({{"OTEL_RESOURCE_ATTRIBUTES", "a"}, {"OTEL_EXPORTER_OTLP_HEADERS", "a b=secret"}},
                      settings, problems);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].origin.name, "OTEL_RESOURCE_ATTRIBUTES");
  EXPECT_EQ(problems[0].value, "a");
  EXPECT_EQ(problems[1].origin.name, "OTEL_EXPORTER_OTLP_HEADERS");
  EXPECT_EQ(problems[1].value, "***");
  for (const char* headers : {"a=x%0Ay: z", "a=%zz", "=x", "a", "\xc3\xa4=x"}) {
    problems = Problems();
    read_otel_variables({{"OTEL_EXPORTER_OTLP_HEADERS", headers}}, settings, problems);
    EXPECT_EQ(problems.size(), 1U) << headers;
  }
}

TEST(OtelVariables, AreNotLookedAtWhileTracesAreOff) {
  TraceSettings settings;
  Problems problems;
  read_otel_variables({{"OTEL_RESOURCE_ATTRIBUTES", "not valid"}}, settings, problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_TRUE(settings.resource.empty());
}

}  // namespace
}  // namespace amb
