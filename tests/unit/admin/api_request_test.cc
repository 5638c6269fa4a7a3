// SPDX-License-Identifier: Apache-2.0
#include "admin/api_request.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using Urls = std::vector<std::string>;
using Kind = SessionFate::Kind;

TEST(RewireBody, NamesTargetsInATextOrInAnArray) {
  const std::pair<const char*, Urls> kRows[] = {
      {R"({"upstream":"tcp://a:1"})", {"tcp://a:1"}},
      {R"({"upstream":"tcp://a:1, tcp://b:2"})", {"tcp://a:1", "tcp://b:2"}},
      {R"({"upstream":["tcp://a:1","tcp://b:2"]})", {"tcp://a:1", "tcp://b:2"}},
      {R"({"upstream":["tcp://a:1,tcp://b:2","tcp://c:3"]})", {"tcp://a:1", "tcp://b:2", "tcp://c:3"}}};
  for (const auto& [body, urls] : kRows) {
    const auto request = read_rewire("redis", body);
    ASSERT_TRUE(request) << body << ": " << request.error().what;
    EXPECT_EQ(request->link, "redis");
    EXPECT_EQ(request->upstream, urls) << body;
    EXPECT_FALSE(request->back || request->dry_run || request->existing) << body;
  }
}

TEST(RewireBody, NamesAThousandTargetsAtMost) {
  std::string list = "a";
  for (int i = 1; i < 1000; ++i) list += ",a";
  EXPECT_TRUE(read_rewire("redis", R"({"upstream":")" + list + "\"}"));
  const auto refused = read_rewire("redis", R"({"upstream":["a",")" + list + "\"]}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "key 'upstream' names too many targets");
}

TEST(RewireBody, SaysWhatBecomesOfSessions) {
  const auto request =
      read_rewire("redis", R"({"upstream":"tcp://a:1","existing":"drain=30s","dry_run":true,"back":false})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->existing, (SessionFate{Kind::drain, std::chrono::seconds(30)}));
  EXPECT_TRUE(request->dry_run);
  EXPECT_EQ(read_rewire("redis", R"({"back":true,"existing":"cut"})")->existing, SessionFate{Kind::cut});
  EXPECT_TRUE(read_rewire("redis", R"({"back":true})")->back);
  EXPECT_FALSE(read_rewire("redis", R"({"back":true,"existing":null})")->existing);
}

TEST(RewireBody, SaysHowTheTargetsAreChecked) {
  const auto plain = read_rewire("redis", R"({"upstream":"a"})");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->force);
  EXPECT_EQ(plain->check_timeout, std::chrono::seconds(3));
  EXPECT_EQ(plain->wait.count(), 0);
  const auto request = read_rewire("redis", R"({"upstream":"a","check_timeout_ms":500,"wait_ms":30000})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->check_timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(request->wait, std::chrono::seconds(30));
  EXPECT_TRUE(read_rewire("redis", R"({"upstream":"a","force":true,"wait_ms":0})")->force);
}

struct Wrong {
  const char* body;
  int status;
  const char* what;
};

void PrintTo(const Wrong& one, std::ostream* out) { *out << one.body; }

class WrongRewireBody : public testing::TestWithParam<Wrong> {};

TEST_P(WrongRewireBody, IsToldWithWhatWouldBeAccepted) {
  const auto& [body, status, what] = GetParam();
  const auto request = read_rewire("redis", body);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().status, status);
  EXPECT_NE(request.error().what.find(what), std::string::npos) << request.error().what;
  EXPECT_NE(request.error().accepted, "");
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, WrongRewireBody,
    testing::Values(
        Wrong{"{", 400, "is no JSON object"}, Wrong{"[]", 400, "is no JSON object"},
        Wrong{"\"tcp://a:1\"", 400, "is no JSON object"}, Wrong{"{} x", 400, "is no JSON object"},
        Wrong{"{\"upstream\":\"\xff\"}", 400, "is no JSON object"}, Wrong{"", 422, "it is not said where"},
        Wrong{"{}", 422, "it is not said where"}, Wrong{R"({"upstream":""})", 422, "names no targets"},
        Wrong{R"({"upstream":[]})", 422, "names no targets"},
        Wrong{R"({"upstream":"a,,b"})", 422, "names no targets"},
        Wrong{R"({"upstream":[1]})", 422, "names no targets"},
        Wrong{R"({"upstream":7})", 422, "names no targets"},
        Wrong{R"({"upstream":"tcp://a:1","back":true})", 422, "and 'upstream' elsewhere"},
        Wrong{R"({"back":"yes"})", 422, "'back' is neither true nor false"},
        Wrong{R"({"upstream":"a","dry_run":1})", 422, "'dry_run' is neither"},
        Wrong{R"({"upstream":"a","existing":1})", 422, "'existing' is no text"},
        Wrong{R"({"upstream":"a","existing":"kep"})", 422, "did you mean keep?"},
        Wrong{R"({"upstream":"a","existing":"drain"})", 422, "does not say how long"},
        Wrong{R"({"upstream":"a","force":1})", 422, "'force' is neither"},
        Wrong{R"({"upstream":"a","check_timeout_ms":0})", 422, "'check_timeout_ms' is no such time"},
        Wrong{R"({"upstream":"a","check_timeout_ms":60001})", 422, "is no such time"},
        Wrong{R"({"upstream":"a","check_timeout_ms":1.5})", 422, "is no such time"},
        Wrong{R"({"upstream":"a","wait_ms":"30s"})", 422, "'wait_ms' is no such time"},
        Wrong{R"({"upstream":"a","wait_ms":-1})", 422, "is no such time"},
        Wrong{R"({"upstream":"a","wait_ms":1,"force":true})", 422, "wait for none"},
        Wrong{R"({"upstream":"a","wait_ms":1,"dry_run":true})", 422, "wait for none"},
        Wrong{R"({"back":true,"wait_ms":1})", 422, "wait for none"},
        Wrong{R"({"upstraem":"tcp://a:1"})", 422, "key 'upstraem' is not known; did you mean upstream?"},
        Wrong{R"({"back":true,"dry-run":true})", 422, "did you mean dry_run?"},
        Wrong{"{\"\\u001b[2J\":1}", 422, "key '\\x1b[2J' is not known"}));

TEST(RewireBody, OfAbsurdDepthIsNoObject) {
  EXPECT_EQ(read_rewire("a", R"({"upstream":)" + std::string(10000, '[')).error().status, 400);
}

TEST(LinkBody, IsTheLinkOrAll) {
  EXPECT_EQ(read_link(R"({"link":"redis"})"), "redis");
  for (const char* all : {"", " \n", "{}", R"({"link":null})", R"({"link":""})"})
    EXPECT_EQ(read_link(all), "") << all;
  EXPECT_EQ(read_link(R"({"links":"redis"})").error().what, "key 'links' is not known; did you mean link?");
  EXPECT_EQ(read_link(R"({"link":1})").error().status, 422);
}

TEST(PlanBody, IsATextAndItsPath) {
  const auto plan = read_plan(R"({"path":"a.toml","text":"[links]\n"})");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->path, "a.toml");
  EXPECT_EQ(plan->text, "[links]\n");
  EXPECT_EQ(read_plan(R"({"text":""})")->path, "links.toml");
  EXPECT_EQ(read_plan("{}").error().status, 422);
}

TEST(EmptyBody, HasNoKeys) {
  EXPECT_TRUE(read_nothing(""));
  EXPECT_TRUE(read_nothing("{}"));
  EXPECT_EQ(read_nothing(R"({"force":true})").error().accepted, "no key at all");
}

TEST(SessionParameters, AreALinkAndANumber) {
  EXPECT_EQ(read_session_query({})->most, 1000U);
  const auto query = read_session_query({{"link", "redis"}, {"most", "5"}});
  ASSERT_TRUE(query);
  EXPECT_EQ(query->link, "redis");
  EXPECT_EQ(query->most, 5U);
  for (const char* wrong : {"", "0", "-1", "10001", "many"})
    EXPECT_EQ(read_session_query({{"most", wrong}}).error().status, 422) << wrong;
  EXPECT_EQ(read_session_query({{"limit", "5"}}).error().accepted, "link and most");
}

TEST(LinkParameter, IsTheLinkOrAll) {
  EXPECT_EQ(read_link_query({}), "");
  EXPECT_EQ(read_link_query({{"link", "a/b"}}), "a/b");
  EXPECT_EQ(read_link_query({{"lnk", "a"}}).error().what, "parameter 'lnk' is not known; did you mean link?");
}

TEST(NoParameter, IsKnownWhereNoneIs) {
  EXPECT_TRUE(read_no_query({}));
  EXPECT_EQ(read_no_query({{"verbose", ""}}).error().accepted, "no parameter at all");
}

}  // namespace
}  // namespace amb
