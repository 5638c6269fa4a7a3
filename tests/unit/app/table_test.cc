// SPDX-License-Identifier: Apache-2.0
#include "app/table.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace amb {
namespace {

using Side = Table::Side;

Screen wide(std::size_t columns) { return {.columns = columns}; }

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (const auto line : split(text, '\n')) widest = std::max(widest, width_of(line));
  return widest;
}

TEST(Text, IsAsWideAsItHasCharacters) {
  EXPECT_EQ(width_of(""), 0U);
  EXPECT_EQ(width_of("abc"), 3U);
  EXPECT_EQ(width_of("añ…"), 3U);
}

TEST(Text, IsCutBetweenCharacters) {
  EXPECT_EQ(fit("abc", 3), "abc");
  EXPECT_EQ(fit("abcd", 3), "ab…");
  EXPECT_EQ(fit("ñandú", 3), "ña…");
  EXPECT_EQ(fit("abc", 1), "…");
  EXPECT_EQ(fit("abc", 0), "");
}

TEST(Text, IsWrappedBetweenWords) {
  EXPECT_EQ(wrap("one two three", 7, 2), "one two\n  three\n");
  EXPECT_EQ(wrap("one", 80, 2), "one\n");
  EXPECT_EQ(wrap("", 80, 2), "\n");
  EXPECT_EQ(wrap("a muchtoolongword b", 6, 1), "a\n muchtoolongword\n b\n") << "what is one word stays one";
}

TEST(Table, LinesUpItsColumns) {
  Table table({{"LINK"}, {"STATE"}, {"SESSIONS", Side::right}});
  table.add({{"redis"}, {"up"}, {"3"}});
  table.add({{"db"}, {"settling"}, {"12345"}});
  EXPECT_EQ(table.text(wide(80)),
            "LINK   STATE     SESSIONS\n"
            "redis  up               3\n"
            "db     settling     12345\n");
}

TEST(Table, LeavesEmptyWhatARowDoesNotSay) {
  Table table({{"A"}, {"B"}, {"C"}});
  table.add({{"x"}});
  table.add({{"x"}, {""}, {"z"}});
  EXPECT_EQ(table.text(wide(80)), "A  B  C\nx\nx     z\n") << "and ends no line in spaces";
}

TEST(Table, GivesWhatIsTooLongALineOfItsOwn) {
  Table table({{"LINK"}, {"STATE"}, {"BYTES", Side::right}});
  table.add({{"short"}, {"up"}, {"1"}});
  table.add({{"a-name-that-is-far-too-long-for-this"}, {"down"}, {"22"}});
  EXPECT_EQ(table.text(wide(40)),
            "LINK                        STATE  BYTES\n"
            "short                       up         1\n"
            "a-name-that-is-far-too-long-for-this\n"
            "                            down      22\n");
}

TEST(Table, IsNeverWiderThanTheScreenWhereThatCanBe) {
  Table table({{"LINK"}, {"STATE"}, {"BYTES", Side::right}});
  for (const std::size_t size : {1U, 20U, 60U, 100U, 300U}) {
    table.add({{std::string(size, 'x')}, {"settling"}, {"12.3 MB"}});
    table.add_line(std::string(size, 'y') + " and more words that go on and on until there is no room", 6);
  }
  for (const std::size_t columns : {40U, 80U, 200U})
    EXPECT_LE(widest_line(table.text(wide(columns))), columns);
}

TEST(Table, HasLinesBetweenItsRows) {
  Table table({{"LINK"}, {"STATE"}});
  table.add({{"redis"}, {"down"}});
  table.add_line("connecting: Connection refused", 2);
  EXPECT_EQ(table.text(wide(20)), "LINK   STATE\nredis  down\n  connecting:\n  Connection refused\n");
}

TEST(Table, IsColouredOnlyWhereThatIsWanted) {
  Table table({{"LINK"}});
  table.add({{"redis", Style::good}});
  EXPECT_EQ(table.text({.columns = 80, .colour = true}), "\x1b[1mLINK\x1b[0m\n\x1b[32mredis\x1b[0m\n");
  EXPECT_EQ(table.text(wide(80)), "LINK\nredis\n");
}

}  // namespace
}  // namespace amb
