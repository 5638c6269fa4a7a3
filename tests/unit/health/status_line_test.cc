// SPDX-License-Identifier: Apache-2.0
#include "health/status_line.h"

#include <gtest/gtest.h>

#include <string>

namespace amb {
namespace {

TEST(StatusLine, IsReadAsClientsReadIt) {
  struct Row {
    std::string_view line;
    unsigned status;
    std::string_view reason;
  };
  const Row kRows[] = {
      {"HTTP/1.1 200 OK\r", 200, "OK"},
      {"HTTP/1.1 200 OK", 200, "OK"},
      {"HTTP/1.0 404 Not Found", 404, "Not Found"},
      {"HTTP/1.1 200 ", 200, ""},
      {"HTTP/1.1 200", 200, ""},
      {"HTTP/1.1 200\r", 200, ""},
      {"HTTP/1.1  503   Busy", 503, "Busy"},
      {"HTTP/2.0 301 Moved", 301, "Moved"},
      {"HTTP/1.1 999 \xff", 999, "\xff"},
      {"HTTP/1.1 100 Continue", 100, "Continue"},
  };
  for (const Row& row : kRows) {
    const auto parsed = parse_status_line(row.line);
    ASSERT_TRUE(parsed) << row.line;
    EXPECT_EQ(parsed->status, row.status) << row.line;
    EXPECT_EQ(parsed->reason, row.reason) << row.line;
  }
}

TEST(StatusLine, IsNothingElse) {
  for (const std::string_view line :
       {"", "\r", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 20x", "HTTP/1.1 200OK",
        "HTTP/1.1 099 No", "HTTP/1.1 OK", "HTTP/1 200 OK", "HTTP/11 200 OK", "http/1.1 200 OK",
        " HTTP/1.1 200 OK", "ICY 200 OK", "SSH-2.0-OpenSSH_9.2p1", "HTTP/1.1 +20 OK", "HTTP/x.1 200 OK",
        "HTTP/1.1\t200 OK"}) {
    EXPECT_FALSE(parse_status_line(line)) << line;
  }
}

}  // namespace
}  // namespace amb
