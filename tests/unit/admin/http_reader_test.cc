// SPDX-License-Identifier: Apache-2.0
#include "admin/http_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace amb {
namespace {

/// Puts bytes into it in pieces of one size.
struct Fed {
  explicit Fed(std::string_view all, std::size_t piece = HttpReader::kReadBytes) : bytes(all), step(piece) {}

  bool feed() {
    if (bytes.empty()) return false;
    const auto room = reader.room();
    const std::size_t count = std::min({room.size(), step, bytes.size()});
    std::ranges::copy(bytes.substr(0, count), room.begin());
    reader.received(count);
    bytes.remove_prefix(count);
    return true;
  }
  /// "METHOD target body", "status" or "" when more is wanted.
  std::string next(std::size_t most = 64) {
    auto is_read = reader.read_head();
    while (is_read && !*is_read && feed()) is_read = reader.read_head();
    if (!is_read || !*is_read) return is_read ? "" : std::to_string(is_read.error().status);
    const std::string line =
        std::string(reader.head().method) + " " + std::string(reader.head().target) + " ";
    if (const auto fault = reader.begin_body(most)) return std::to_string(fault->status);
    is_read = reader.read_body();
    while (is_read && !*is_read && feed()) is_read = reader.read_body();
    if (!is_read || !*is_read) return is_read ? "" : std::to_string(is_read.error().status);
    return line + reader.take_body();
  }

  HttpReader reader{1024};
  std::string_view bytes;
  std::size_t step;
};

constexpr std::string_view kThree =
    "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n"
    "PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nth\r\n3;x\r\nree\r\n0\r\n\r\n";

TEST(HttpReaderOf, ReadsOneRequestAfterTheOtherHoweverTheyAreCut) {
  for (std::size_t step = 1; step <= kThree.size(); ++step) {
    Fed it(kThree, step);
    EXPECT_EQ(it.next(), "POST /a one") << step;
    EXPECT_EQ(it.next(), "GET /b ") << step;
    EXPECT_EQ(it.next(), "PUT /c three") << step;
    EXPECT_EQ(it.next(), "") << step;
    EXPECT_TRUE(it.reader.is_empty());
  }
}

TEST(HttpReaderOf, TakesAHeadOfSoManyBytes) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
  for (const std::size_t step : {1U, 1000U, 4096U}) {
    const std::string fits = begin + std::string(1024 - begin.size() - 4, 'x') + "\r\n\r\n";
    EXPECT_EQ(Fed(fits, step).next(), "GET / ") << step;
    const std::string more = begin + std::string(1024 - begin.size() - 3, 'x') + "\r\n\r\n";
    EXPECT_EQ(Fed(more, step).next(), "431") << step;
    const std::string endless = begin + std::string(100000, 'x');
    Fed it(endless, step);
    EXPECT_EQ(it.next(), "431") << step;
    EXPECT_GE(it.bytes.size(), 90000U) << "the rest of it was not taken in";
  }
}

TEST(HttpReaderOf, RefusesABodyBeforeItComes) {
  Fed it("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65\r\n\r\n");
  EXPECT_EQ(it.next(), "413");
  Fed huge("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551615\r\n\r\n");
  EXPECT_EQ(huge.next(), "413");
}

TEST(HttpReaderOf, PassesOverOneLineEndBeforeARequest) {
  for (const std::size_t step : {1U, 2U, 3U, 100U}) {
    EXPECT_EQ(Fed("\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", step).next(), "GET / ") << step;
    EXPECT_EQ(Fed("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", step).next(), "400") << step;
    EXPECT_EQ(Fed("\r\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", step).next(), "400") << step;
  }
}

TEST(HttpReaderOf, ForgetsWhatNobodyWants) {
  Fed it(kThree);
  ASSERT_TRUE(it.feed());
  EXPECT_FALSE(it.reader.is_empty());
  it.reader.forget();
  EXPECT_TRUE(it.reader.is_empty());
  EXPECT_EQ(it.next(), "");
}

}  // namespace
}  // namespace amb
