// SPDX-License-Identifier: Apache-2.0
#include "admin/api.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json/parse.hpp>

#include "unit/admin/asking.h"
#include "unit/admin/fake_control.h"

namespace amb {
namespace {

using namespace test;
namespace json = boost::json;

class ApiOver : public testing::Test {
 protected:
  HttpResponse ask(const std::string& method, const std::string& target, const std::string& body = {},
                   const std::string& accept = {}) {
    HttpRequest request{
        .method = method, .path = {}, .query = {}, .content_type = {}, .accept = accept, .body = body};
    EXPECT_TRUE(read_target(target, request));
    if (method != "GET") request.content_type = "application/json";
    auto admitted = api_.admit(request);
    if (!admitted) return admitted.error();
    EXPECT_LE(body.size(), admitted->body_bytes);
    std::optional<HttpResponse> response;
    asio::co_spawn(
        io_, [&]() -> asio::awaitable<void> { response = co_await api_.respond(request); }, asio::detached);
    run_until(io_, [&] { return response.has_value(); });
    return *response;
  }
  json::object object(const HttpResponse& response) {
    EXPECT_EQ(response.content_type, "application/json");
    return json::parse(response.body).as_object();
  }

  asio::io_context io_;
  FakeControl control_;
  Api api_{io_, control_, std::chrono::hours(1)};
};

struct Row {
  const char* method;
  const char* target;
  const char* body;
  unsigned status;
  const char* told;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.method << " " << row.target; }

class ApiPath : public ApiOver, public testing::WithParamInterface<Row> {};

TEST_P(ApiPath, AsksTheProgram) {
  const auto& [method, target, body, status, told] = GetParam();
  control_.program.links = {LinkStatus{.name = "a/b"}, LinkStatus{.name = "redis"}};
  const HttpResponse response = ask(method, target, body);
  EXPECT_EQ(response.status, status) << response.body;
  EXPECT_EQ(control_.told, std::vector<std::string>{told});
}

INSTANTIATE_TEST_SUITE_P(
    Paths, ApiPath,
    testing::Values(
        Row{"GET", "/v1/status", "", 200, "status"}, Row{"GET", "/v1/links", "", 200, "status"},
        Row{"GET", "/v1/links/redis", "", 200, "status"}, Row{"GET", "/v1/links/a%2Fb", "", 200, "status"},
        Row{"PATCH", "/v1/links/redis", R"({"upstream":"tcp://a:1"})", 200, "rewire redis tcp://a:1"},
        Row{"PATCH", "/v1/links/a%2Fb", R"({"back":true,"existing":"cut","dry_run":true})", 200,
            "rewire a/b back existing=cut dry"},
        Row{"GET", "/v1/links/redis/why", "", 200, "why redis"},
        Row{"GET", "/v1/links/a%2fb/why", "", 200, "why a/b"}, Row{"POST", "/v1/drain", "", 204, "drain "},
        Row{"POST", "/v1/drain", R"({"link":"redis"})", 204, "drain redis"},
        Row{"POST", "/v1/resume", R"({"link":"redis"})", 204, "resume redis"},
        Row{"POST", "/v1/reload", "{}", 200, "reload"},
        Row{"POST", "/v1/plan", R"({"path":"p","text":"t"})", 200, "preview p t"},
        Row{"GET", "/v1/sessions", "", 200, "sessions  1000"},
        Row{"GET", "/v1/sessions?link=redis&most=5", "", 200, "sessions redis 5"},
        Row{"DELETE", "/v1/sessions/0-17", "", 204, "close 0-17"}, Row{"GET", "/v1/ready", "", 200, "ready "},
        Row{"GET", "/v1/ready?link=redis", "", 200, "ready redis"},
        Row{"GET", "/metrics", "", 200, "metrics"}));

TEST_F(ApiOver, PassesOnHowTheProgramTurnsItDown) {
  control_.refuses =
      ControlError{409, "it stops", "later", {{{Origin::Kind::file, "a.toml:1:2"}, "v", "p", "x"}}};
  for (const auto& [method, target, body] :
       {std::tuple{"PATCH", "/v1/links/a", R"({"back":true})"}, std::tuple{"POST", "/v1/drain", ""},
        std::tuple{"POST", "/v1/resume", ""}, std::tuple{"POST", "/v1/reload", ""},
        std::tuple{"POST", "/v1/plan", R"({"text":""})"}, std::tuple{"GET", "/v1/sessions", ""},
        std::tuple{"GET", "/v1/links/a/why", ""}, std::tuple{"GET", "/v1/ready", ""},
        std::tuple{"DELETE", "/v1/sessions/1", ""}}) {
    const HttpResponse response = ask(method, target, body);
    EXPECT_EQ(response.status, 409U) << target;
    const auto error = object(response);
    EXPECT_EQ(error.at("error").as_string(), "it stops") << target;
    EXPECT_EQ(error.at("problems").as_array().at(0).at("from").as_string(), "a.toml:1:2") << target;
  }
}

TEST_F(ApiOver, ChangesNothingWhenTheRequestIsWrong) {
  for (const auto& [method, target, body] :
       {std::tuple{"PATCH", "/v1/links/a", "{}"}, std::tuple{"POST", "/v1/drain", R"({"lnk":"a"})"},
        std::tuple{"POST", "/v1/resume", R"({"link":1})"}, std::tuple{"POST", "/v1/reload", R"({"a":1})"},
        std::tuple{"POST", "/v1/plan", "{}"}, std::tuple{"DELETE", "/v1/sessions/1", R"({"a":1})"},
        std::tuple{"GET", "/v1/status?a=1", ""}, std::tuple{"GET", "/v1/links?a=1", ""},
        std::tuple{"GET", "/v1/links/a?a=1", ""}, std::tuple{"GET", "/v1/links/a/why?a=1", ""},
        std::tuple{"GET", "/v1/wiring?a=1", ""}, std::tuple{"GET", "/v1/sessions?a=1", ""},
        std::tuple{"GET", "/v1/ready?a=1", ""}, std::tuple{"GET", "/v1/live?a=1", ""},
        std::tuple{"GET", "/v1/events?a=1", ""}, std::tuple{"GET", "/metrics?a=1", ""}}) {
    EXPECT_EQ(ask(method, target, body).status, 422U) << target;
  }
  EXPECT_TRUE(control_.told.empty());
  EXPECT_TRUE(control_.listeners.empty());
}

TEST_F(ApiOver, KnowsNoOtherPath) {
  for (const char* target :
       {"/v1", "/v2/status", "/v1/status/", "/v1/links/", "/v1/links//why", "/v1/links/a/b", "/V1/status",
        "/v1/metrics", "/metrics/", "/v1/links/a/why/not", "/v1/sessions/"}) {
    EXPECT_EQ(ask("GET", target).status, 404U) << target;
  }
}

TEST_F(ApiOver, SaysWhichMethodsAPathKnows) {
  const std::tuple<const char*, const char*, const char*> kRows[] = {
      {"POST", "/v1/status", "GET, HEAD"},
      {"DELETE", "/v1/links/a", "GET, HEAD, PATCH"},
      {"PUT", "/v1/links/a", "GET, HEAD, PATCH"},
      {"GET", "/v1/drain", "POST"},
      {"GET", "/v1/sessions/0-1", "DELETE"}};
  for (const auto& [method, target, allowed] : kRows) {
    const HttpResponse response = ask(method, target);
    EXPECT_EQ(response.status, 405U) << target;
    ASSERT_EQ(response.fields.size(), 1U) << target;
    EXPECT_EQ(response.fields[0], (std::pair<std::string, std::string>("Allow", allowed))) << target;
  }
}

TEST_F(ApiOver, WantsJsonWhereSomethingChanges) {
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
    const HttpRequest head{.method = "POST",
                           .path = {"v1", "drain"},
                           .query = {},
                           .content_type = type,
                           .accept = {},
                           .body = {}};
    const auto admitted = api_.admit(head);
    ASSERT_FALSE(admitted) << type;
    EXPECT_EQ(admitted.error().status, 415U) << type;
  }
}

TEST_F(ApiOver, TakesInNoMoreThanAPathNeeds) {
  const auto bytes = [this](const char* method, std::vector<std::string> path) {
    return api_
        .admit({.method = method,
                .path = std::move(path),
                .query = {},
                .content_type = "application/json",
                .accept = {},
                .body = {}})
        .value_or(HttpAdmission{.body_bytes = 1})
        .body_bytes;
  };
  EXPECT_EQ(bytes("GET", {"v1", "status"}), 0U);
  EXPECT_EQ(bytes("POST", {"v1", "drain"}), 64U * 1024);
  EXPECT_EQ(bytes("POST", {"v1", "plan"}), 2U * 1024 * 1024);
}

TEST_F(ApiOver, NamesTheNearestLink) {
  control_.program.links = {LinkStatus{.name = "redis"}, LinkStatus{.name = "db"}};
  const HttpResponse response = ask("GET", "/v1/links/rediss");
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(object(response).at("error").as_string(), "there is no link 'rediss'; did you mean redis?");
  EXPECT_EQ(object(response).at("accepted").as_string(), "redis and db");
  EXPECT_EQ(object(ask("GET", "/v1/links/%1b")).at("error").as_string(), "there is no link '\\x1b'");
}

TEST_F(ApiOver, NamesFiftyOfManyLinks) {
  for (int i = 0; i < 60; ++i) control_.program.links.push_back({.name = "l" + std::to_string(i)});
  const HttpResponse response = ask("GET", "/v1/links/other");
  EXPECT_TRUE(object(response).at("accepted").as_string().ends_with(", l49 and 10 more"));
}

TEST_F(ApiOver, IsNotReadyWith503) {
  control_.ready = {false, "degraded", "the only link is down: redis: refused", 1, {"redis"}};
  const HttpResponse response = ask("GET", "/v1/ready");
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(object(response).at("waits").as_array().at(0).as_string(), "redis");
}

TEST_F(ApiOver, IsAliveAsLongAsItAnswers) {
  const HttpResponse response = ask("GET", "/v1/live");
  EXPECT_EQ(response.status, 200U);
  EXPECT_TRUE(object(response).at("is_live").as_bool());
}

TEST_F(ApiOver, GivesTheWiringAsCheckDoes) { EXPECT_EQ(ask("GET", "/v1/wiring").body, control_.wiring); }

TEST_F(ApiOver, GivesMetricsInTheFormatThatIsAccepted) {
  control_.measured.status.version = "1.2.3";
  const HttpResponse plain = ask("GET", "/metrics", "", "*/*");
  EXPECT_EQ(plain.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(plain.body, to_text(control_.measured, MetricsFormat::prometheus));
  const HttpResponse open =
      ask("GET", "/metrics", "", "application/openmetrics-text;version=1.0.0,*/*;q=0.1");
  EXPECT_EQ(open.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_EQ(open.body, to_text(control_.measured, MetricsFormat::open_metrics));
}

TEST_F(ApiOver, FollowsEvents) {
  const HttpResponse response = ask("GET", "/v1/events");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.content_type, "text/event-stream");
  ASSERT_TRUE(response.stream);
  EXPECT_EQ(control_.listeners.size(), 1U);
  response.stream->end();
  EXPECT_TRUE(control_.listeners.empty());
}

TEST_F(ApiOver, AsksNobodyOnceItHasEnded) {
  api_.end();
  EXPECT_EQ(ask("GET", "/v1/status").status, 503U);
  EXPECT_TRUE(control_.told.empty());
}

}  // namespace
}  // namespace amb
