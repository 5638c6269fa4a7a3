// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <ostream>
#include <random>

namespace amb {
namespace {

struct Escape {
  std::string text, expected;
  const char* because;
};

void PrintTo(const Escape& row, std::ostream* out) { *out << row.because; }

class EscapeText : public testing::TestWithParam<Escape> {};

TEST_P(EscapeText, MakesOneHarmlessLine) {
  EXPECT_EQ(escape_text(GetParam().text), GetParam().expected) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Foreign, EscapeText,
    testing::Values(Escape{"tcp://redis:6379", "tcp://redis:6379", "printable ASCII passes"},
                    Escape{"", "", "nothing stays nothing"},
                    Escape{"größe 雪 🙂", "größe 雪 🙂", "valid UTF-8 passes"},
                    Escape{"a\nb\tc\rd", "a\\nb\\tc\\rd", "line ends cannot forge a second line"},
                    Escape{"\"\\", "\\\"\\\\", "quotes and backslashes stay tellable from ours"},
                    Escape{"it's", "it's", "a single quote harms no format of ours"},
                    Escape{std::string("a\0b", 3), "a\\x00b", "NUL is shown"},
                    Escape{"\x1b[31m", "\\x1b[31m", "no terminal sequence gets through"},
                    Escape{"\x7f", "\\x7f", "DEL"},
                    Escape{"\xc2\x9b", "\\xc2\\x9b", "C1 controls steer terminals as well"},
                    Escape{"\xff\xfe", "\\xff\\xfe", "bytes that are never UTF-8"},
                    Escape{"\xc0\xaf", "\\xc0\\xaf", "an overlong slash is no UTF-8"},
                    Escape{"\xe0\x80\xaf", "\\xe0\\x80\\xaf", "an overlong slash in three bytes"},
                    Escape{"\xed\xa0\x80", "\\xed\\xa0\\x80", "a surrogate is no UTF-8"},
                    Escape{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "beyond the last code point"},
                    Escape{"\xe9\x9b", "\\xe9\\x9b", "a character cut short"},
                    Escape{"\xe9x", "\\xe9x", "the byte behind a broken one is read anew"},
                    Escape{"a\xe2\x80\xae"
                           "b",
                           "a\\xe2\\x80\\xae"
                           "b",
                           "no mark turns the line's direction"},
                    Escape{"a\xd8\x9c"
                           "b",
                           "a\\xd8\\x9c"
                           "b",
                           "nor does the Arabic letter mark"},
                    Escape{"a\xe2\x80\xa8"
                           "b",
                           "a\\xe2\\x80\\xa8"
                           "b",
                           "Unicode's line separator is a line end too"}));

TEST(EscapeText, CutsAtTheLimitWithAnEllipsis) {
  EXPECT_EQ(escape_text("abcdefgh", 8), "abcdefgh");
  EXPECT_EQ(escape_text("abcdefghi", 8), "abcde…");
  EXPECT_EQ(escape_text(std::string(1000, 'x')).size(), 256U);
}

TEST(EscapeText, NeverCutsInsideACharacterOrAnEscape) {
  EXPECT_EQ(escape_text("äääää", 8), "ää…");
  EXPECT_EQ(escape_text("\n\n\n\n\n", 8), "\\n\\n…");
  EXPECT_EQ(escape_text("\x01\x01\x01", 8), "\\x01…");
}

TEST(EscapeText, StaysWithinTheLimitWhateverTheBytes) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    const std::size_t limit = random() % 40;
    EXPECT_LE(escape_text(bytes, limit).size(), limit);
  }
}

TEST(EscapeJson, LeavesNothingThatSteersATerminalAndKeepsItsMeaning) {
  EXPECT_EQ(escape_json("{\"a\":\"ä \\n\"}\n"), "{\"a\":\"ä \\n\"}\n") << "harmless as it is";
  EXPECT_EQ(escape_json("\x1b[2J\r\t\x7f"), "\\u001b[2J\\u000d\\u0009\\u007f");
  EXPECT_EQ(escape_json("\u009b\u202e\u2066\ufeff"), "\\u009b\\u202e\\u2066\\ufeff");
  EXPECT_EQ(escape_json("a\xff\xc3"), "a\\ufffd\\ufffd") << "what is no UTF-8 has no code of its own";
  EXPECT_EQ(escape_json(std::string(1, '\0')), "\\u0000");
}

TEST(ParseNumber, ReadsDigitsAndNothingElse) {
  EXPECT_EQ(parse_number<std::uint16_t>("0"), 0);
  EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
  EXPECT_EQ(parse_number<std::uint16_t>("0080"), 80);
  for (const auto* wrong :
       {"", "65536", "-1", "+1", " 1", "1 ", "0x10", "1e3", "1.0", "99999999999999999999"}) {
    EXPECT_FALSE(parse_number<std::uint16_t>(wrong)) << wrong;
  }
}

TEST(NearestWord, FindsWhatWasProbablyMeant) {
  constexpr std::array<std::string_view, 3> kWords = {"connect_timeout", "connect_total", "listen"};
  EXPECT_EQ(nearest_word("conect_timeout", kWords), "connect_timeout");
  EXPECT_EQ(nearest_word("CONNECT_TOTALS", kWords), "connect_total");
  EXPECT_EQ(nearest_word("lisen", kWords), "listen");
  EXPECT_EQ(nearest_word("listem", kWords), "listen");
  EXPECT_FALSE(nearest_word("health", kWords));
  EXPECT_FALSE(nearest_word("", kWords));
  EXPECT_FALSE(nearest_word(std::string(100000, 'x'), kWords));
  EXPECT_FALSE(nearest_word("listen", {}));
}

TEST(Words, SplitTrimAndJoin) {
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim("\n a\r\nb\r\n"), "a\r\nb");
  EXPECT_EQ(trim(" \t"), "");
  constexpr std::array<std::string_view, 3> kWords = {"a", "b", "c"};
  EXPECT_EQ(join_words(kWords), "a, b and c");
  EXPECT_EQ(join_words(std::span(kWords).first(1)), "a");
}

TEST(Case, ConcernsAsciiLettersOnly) {
  EXPECT_EQ(to_upper("my-db.1_ä"), "MY-DB.1_ä");
  EXPECT_EQ(to_lower("MY-DB.1"), "my-db.1");
  EXPECT_TRUE(equals_ignoring_case("Tcp", "tCP"));
  EXPECT_FALSE(equals_ignoring_case("tcp", "tcp6"));
}

}  // namespace
}  // namespace amb
