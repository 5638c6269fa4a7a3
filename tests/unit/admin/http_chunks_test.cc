// SPDX-License-Identifier: Apache-2.0
#include "admin/http_chunks.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

/// What came of it: "status", "more" or "body|rest".
std::string outcome(std::string_view bytes, std::size_t most = 64,
                    std::size_t step = std::string_view::npos) {
  HttpChunks chunks(most);
  std::string body;
  while (true) {
    auto piece = bytes.substr(0, step);
    const std::size_t size = piece.size();
    const auto is_done = chunks.read(piece, body);
    if (!is_done) return std::to_string(is_done.error().status);
    bytes.remove_prefix(size - piece.size());
    if (*is_done) return body + "|" + std::string(bytes);
    if (bytes.empty()) return "more";
  }
}

TEST(HttpChunksOf, AreReadHoweverTheyAreCut) {
  const std::string bytes =
      "3\r\nabc\r\n0A ; x=\"y\"\r\n0123456789\r\n000\r\nTrailer: x\r\nOther:\r\n\r\nGET /";
  for (std::size_t step = 1; step <= bytes.size(); ++step)
    EXPECT_EQ(outcome(bytes, 64, step), "abc0123456789|GET /") << step;
  for (std::size_t size = 0; size < bytes.size() - 5; ++size)
    EXPECT_EQ(outcome(bytes.substr(0, size)), "more") << size;
  EXPECT_EQ(outcome("0\r\n\r\n", 0), "|");
}

TEST(HttpChunksOf, AreRefusedWhenTheyAreMalformed) {
  for (const char* bytes : {"\r\n", "g\r\n", "-1\r\n", "+1\r\na\r\n", "0x1\r\na\r\n", ";x\r\n", " 1\r\na\r\n",
                            "1\na\r\n", "1\r\nab\r\n", "1\r\na\n", "1\r\na\r\r", "1;\n\r\na\r\n",
                            "1;a\x01\r\n", "1\rx", "0\r\nA: b\n\r\n", "0\r\nA: b\rC", "0\r\n\rx"})
    EXPECT_EQ(outcome(bytes), "400") << bytes;
}

TEST(HttpChunksOf, AreNoLongerThanTheBodyMayBe) {
  EXPECT_EQ(outcome("40\r\n" + std::string(64, 'x') + "\r\n0\r\n\r\n"), std::string(64, 'x') + "|");
  EXPECT_EQ(outcome("41\r\n"), "413") << "known before it comes";
  EXPECT_EQ(outcome("ffffffffffffffffffffffff\r\n"), "413");
  EXPECT_EQ(outcome("1\r\na\r\n40\r\n"), "413");
  EXPECT_EQ(outcome("1\r\n", 0), "413");
}

TEST(HttpChunksOf, HaveNotMuchMoreAroundTheDataThanDataInIt) {
  const std::string long_text(HttpChunks::kFramingBytes, 'x');
  EXPECT_EQ(outcome("1;" + long_text), "413");
  EXPECT_EQ(outcome(std::string(HttpChunks::kFramingBytes + 1, '0')), "413");
  EXPECT_EQ(outcome("0\r\nA: " + long_text), "413");
  std::string lines = "0\r\n";
  for (std::size_t i = 0; i < HttpChunks::kFramingBytes / 4; ++i) lines += "a:\r\n";
  EXPECT_EQ(outcome(lines), "413");
  std::string chunks;
  for (int i = 0; i < 5000; ++i) chunks += "8\r\n01234567\r\n";
  EXPECT_EQ(outcome(chunks + "0\r\n\r\n", 100000).size(), 40001U) << "small ones are no mistake";
}

}  // namespace
}  // namespace amb
