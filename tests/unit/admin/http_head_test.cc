// SPDX-License-Identifier: Apache-2.0
#include "admin/http_head.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

std::string with_fields(std::string_view fields, std::string_view line = "POST / HTTP/1.1") {
  return std::string(line) + "\r\nHost: x\r\n" + std::string(fields) + "\r\n";
}

unsigned status_of(const std::string& text) {
  const auto head = parse_head(text);
  return head ? 0 : head.error().status;
}

TEST(HttpHeadOf, IsTakenApart) {
  const std::string text =
      "GET /v1/status?x=1 HTTP/1.1\r\nHost: a:1\r\nAccept:text/plain \t\r\nACCEPT: \t*/*\r\nEmpty:\r\n\r\n";
  const auto head = parse_head(text);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->method, "GET");
  EXPECT_EQ(head->target, "/v1/status?x=1");
  EXPECT_EQ(head->authority, "a:1");
  EXPECT_EQ(head->count("accept"), 2U);
  EXPECT_EQ(head->value("Accept"), "text/plain");
  EXPECT_EQ(head->joined("Accept"), "text/plain, */*");
  EXPECT_EQ(head->count("empty"), 1U);
  EXPECT_EQ(head->value("empty"), "");
  EXPECT_EQ(head->value("missing"), "");
  EXPECT_TRUE(head->is_kept);
  EXPECT_FALSE(head->has_body());
}

TEST(HttpHeadOf, MayBeMeantForAProxy) {
  struct Row {
    const char *line, *authority, *target;
  };
  for (const Row& row :
       {Row{"GET http://a:1/x?y HTTP/1.1", "a:1", "/x?y"}, Row{"GET HTTPS://a HTTP/1.1", "a", ""},
        Row{"GET http://[::1]:1?y HTTP/1.1", "[::1]:1", "?y"}, Row{"GET / HTTP/1.1", "x", "/"}}) {
    const std::string text = with_fields("", row.line);
    const auto head = parse_head(text);
    ASSERT_TRUE(head) << row.line;
    EXPECT_EQ(head->authority, row.authority) << row.line;
    EXPECT_EQ(head->target, row.target) << row.line;
  }
  for (const char* line : {"GET http:///x HTTP/1.1", "GET http://u:p@a/ HTTP/1.1", "GET ftp://a/ HTTP/1.1",
                           "GET * HTTP/1.1", "CONNECT a:1 HTTP/1.1", "GET ://a/ HTTP/1.1"})
    EXPECT_EQ(status_of(with_fields("", line)), 400U) << line;
}

TEST(HttpHeadOf, SaysHowLongTheBodyIsInOneWayOnly) {
  const std::string text = with_fields("Content-Length: 0065\r\n");
  EXPECT_EQ(parse_head(text)->length, 65U);
  const std::string chunked = with_fields("transfer-encoding: \tChunked\r\n");
  EXPECT_TRUE(parse_head(chunked)->is_chunked);
  struct Row {
    const char* fields;
    unsigned status;
  };
  for (const Row& row : {Row{"Transfer-Encoding: xchunked\r\n", 501},
                         Row{"Transfer-Encoding: gzip, chunked\r\n", 501},
                         Row{"Transfer-Encoding: chunked, gzip\r\n", 501},
                         Row{"Transfer-Encoding: chunked, chunked\r\n", 501},
                         Row{"Transfer-Encoding: identity\r\n", 501},
                         Row{"Transfer-Encoding:\r\n", 501},
                         Row{"Transfer-Encoding: \"chunked\"\r\n", 501},
                         Row{"Transfer-Encoding: chunked;q=1\r\n", 501},
                         Row{"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 501},
                         Row{"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 501},
                         Row{"Transfer-Encoding: \x0b"
                             "chunked\r\n",
                             400},
                         Row{"Transfer-Encoding:\nchunked\r\n", 400},
                         Row{"Transfer-Encoding : chunked\r\n", 400},
                         Row{"Transfer-Encoding\t: chunked\r\n", 400},
                         Row{"Transfer-Encoding:\r\n chunked\r\n", 400},
                         Row{"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", 400},
                         Row{"Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n", 400},
                         Row{"Content-Length: 2\r\nContent-Length: 2\r\n", 400},
                         Row{"Content-Length: 1\r\ncontent-length: 2\r\n", 400},
                         Row{"Content-Length: 2, 2\r\n", 400},
                         Row{"Content-Length: +2\r\n", 400},
                         Row{"Content-Length: -2\r\n", 400},
                         Row{"Content-Length: 0x2\r\n", 400},
                         Row{"Content-Length: 2 2\r\n", 400},
                         Row{"Content-Length:\r\n", 400},
                         Row{"Content-Length: 2.0\r\n", 400},
                         Row{"Content-Length: 18446744073709551616\r\n", 400}})
    EXPECT_EQ(status_of(with_fields(row.fields)), row.status) << row.fields;
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400U);
}

TEST(HttpHeadOf, IsOneThatEveryReaderTakesApartInTheSameWay) {
  for (const char* fields : {"A b: c\r\n", "A\r\n", ": c\r\n", " A: c\r\n", "\tA: c\r\n", "A: b\r\n c\r\n",
                             "A: b\rc\r\n", "A: b\nB: c\r\n", "A:\nB: c\r\n", "A: b\n\r\n", "A: b\r\r\n",
                             "A: b\x7f\r\n", "A: \x01\r\n", "A(: b\r\n", "\"A\": b\r\n", "Host: y\r\n"})
    EXPECT_EQ(status_of(with_fields(fields)), 400U) << fields;
  EXPECT_EQ(status_of(with_fields(std::string("A: b\0c\r\n", 8))), 400U);
  for (const char* line :
       {"", "GET", "GET /", "GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ",
        "GET / HTTP/1.2", "GET / HTTP/2.0", "GET / http/1.1", "GET / HTTP/1.10", "G,ET / HTTP/1.1",
        "GET /\x80 HTTP/1.1", "GET\t/\tHTTP/1.1", "GET /a b HTTP/1.1", "GET /\n HTTP/1.1"})
    EXPECT_EQ(status_of(with_fields("", line)), 400U) << line;
  EXPECT_EQ(status_of(with_fields("A: \xc3\xa4\r\n")), 0U) << "what a value means is for others";
}

TEST(HttpHeadOf, SaysForWhichHostItIs) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400U);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 0U);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), 400U);
  EXPECT_EQ(status_of("GET http://a/ HTTP/1.1\r\n\r\n"), 400U) << "RFC 9112, 3.2.2";
}

TEST(HttpHeadOf, HasSoManyFieldsAndNoMore) {
  std::string fields;
  for (std::size_t i = 1; i < HttpHead::kMostFields; ++i) fields += "a:\r\n";
  EXPECT_EQ(status_of(with_fields(fields)), 0U);
  EXPECT_EQ(status_of(with_fields(fields + "a:\r\n")), 431U);
}

TEST(HttpHeadOf, SaysWhatBecomesOfTheConnection) {
  const auto is_kept = [](const std::string& text) { return parse_head(text)->is_kept; };
  EXPECT_TRUE(is_kept(with_fields("")));
  EXPECT_TRUE(is_kept(with_fields("Connection: closed, keep-alive\r\n")));
  EXPECT_FALSE(is_kept(with_fields("Connection: Close\r\n")));
  EXPECT_FALSE(is_kept(with_fields("Connection: keep-alive, close\r\n")));
  EXPECT_FALSE(is_kept(with_fields("Connection: x\r\nConnection: close\r\n")));
  EXPECT_FALSE(is_kept("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")) << "we do not answer in that way";
  const auto expects = [](const std::string& text) { return parse_head(text)->expects_continue; };
  EXPECT_TRUE(expects(with_fields("Expect: 100-Continue\r\n")));
  EXPECT_FALSE(expects(with_fields("")));
}

}  // namespace
}  // namespace amb
