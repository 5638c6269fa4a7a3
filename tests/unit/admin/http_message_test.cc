// SPDX-License-Identifier: Apache-2.0
#include "admin/http_message.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using Path = std::vector<std::string>;

TEST(HttpTarget, IsTakenApartAndDecoded) {
  const std::pair<const char*, Path> kRows[] = {
      {"/", {}},
      {"/v1/status", {"v1", "status"}},
      {"/v1/links/a%2Fb", {"v1", "links", "a/b"}},
      {"/v1/links/db:5432", {"v1", "links", "db:5432"}},
      {"/v1/links/db.main_x-1/why", {"v1", "links", "db.main_x-1", "why"}},
      {"/v1/links/%c3%a4%00", {"v1", "links", std::string("\xc3\xa4\0", 3)}},
      {"//v1", {"", "v1"}},
      {"", {}}};
  for (const auto& [target, path] : kRows) {
    HttpRequest request;
    EXPECT_TRUE(read_target(target, request)) << target;
    EXPECT_EQ(request.path, path) << target;
    EXPECT_TRUE(request.query.empty()) << target;
  }
}

TEST(HttpTarget, HasAQuery) {
  HttpRequest request;
  ASSERT_TRUE(read_target("/v1/sessions?link=a%26b&most=3&flag", request));
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"link", "a&b"}, {"most", "3"}, {"flag", ""}};
  EXPECT_EQ(request.query, expected);
  EXPECT_EQ(request.path, (Path{"v1", "sessions"}));
}

TEST(HttpTarget, ThatIsNoPathIsRefused) {
  for (const char* target : {"*", "v1/status", "http://evil.example/v1/status", "evil.example:80", "/v1/%zz",
                             "/v1/%2", "/v1/a b", "/v1/\x01"}) {
    HttpRequest request;
    EXPECT_FALSE(read_target(target, request)) << target;
  }
}

TEST(HttpTarget, HasAsManyPartsAsAnyQuestionAndNotThousands) {
  HttpRequest request;
  EXPECT_FALSE(read_target("/" + std::string(4000, '/'), request));
  std::string query = "/?";
  for (int i = 0; i < 2000; ++i) query += "a&";
  EXPECT_FALSE(read_target(query, request));
  EXPECT_TRUE(request.path.empty() && request.query.empty());
  EXPECT_TRUE(read_target("?a=b", request)) << "behind an authority";
  EXPECT_EQ(request.query.size(), 1U);
}

TEST(HttpMediaType, IsWithoutParametersAndInLowerCase) {
  EXPECT_EQ(media_type("application/json"), "application/json");
  EXPECT_EQ(media_type("Application/JSON ; charset=utf-8"), "application/json");
  EXPECT_EQ(media_type(""), "");
}

TEST(HttpHead, SaysThatNothingIsKeptAndNothingGuessed) {
  HttpResponse response;
  response.body = "{}\n";
  response.fields.emplace_back("Allow", "GET, HEAD");
  EXPECT_EQ(
      head_of(response, AfterAnswer::keep),
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\nAllow: GET, HEAD\r\n\r\n");
  EXPECT_TRUE(head_of(response, AfterAnswer::close).ends_with("\r\nConnection: close\r\n\r\n"));
}

TEST(HttpHead, OfNoContentSpeaksOfNone) {
  const HttpResponse response{.status = 204, .content_type = {}, .body = {}, .fields = {}, .stream = {}};
  const std::string head = head_of(response, AfterAnswer::keep);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_EQ(head.find("Content-Type:"), std::string::npos);
  EXPECT_EQ(head.find("Content-Length:"), std::string::npos) << "RFC 9110, 8.6";
}

TEST(HttpError, IsJsonWithWhatWouldBeAccepted) {
  const HttpResponse response = error_response(404, "there is no \\\"x\\\"", "a, b");
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"error":"there is no \\\"x\\\"","accepted":"a, b","problems":[]})"
                           "\n");
}

}  // namespace
}  // namespace amb
