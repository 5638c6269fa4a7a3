// SPDX-License-Identifier: Apache-2.0
#include "wiring/toml_tree.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace amb {
namespace {

using Kind = TomlValue::Kind;

TomlValue parse_tree(std::string_view text) {
  auto tree = parse_toml(text);
  EXPECT_TRUE(tree) << text << ": " << tree.error().what;
  return tree ? *std::move(tree) : TomlValue{};
}

std::string place_text(TomlPlace place) {
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

TEST(TomlTree, HoldsEveryKindOfValueWithItsText) {
  const TomlValue tree =
      parse_tree("s = 'x'\ni = -5\nb = true\nf = 1.5\nd = 2026-11-25\na = [1, 'two']\nt = {k = 1}\n");
  const std::pair<const char*, Kind> kRows[] = {
      {"s", Kind::string}, {"i", Kind::integer}, {"b", Kind::boolean}, {"f", Kind::fraction},
      {"d", Kind::date},   {"a", Kind::array},   {"t", Kind::table}};
  for (const auto& [key, kind] : kRows) {
    ASSERT_NE(find_entry(tree, key), nullptr) << key;
    EXPECT_EQ(find_entry(tree, key)->value.kind, kind) << key;
    EXPECT_NE(to_string(kind), "");
  }
  EXPECT_EQ(find_entry(tree, "s")->value.text, "x");
  EXPECT_EQ(find_entry(tree, "i")->value.text, "-5");
  EXPECT_EQ(find_entry(tree, "b")->value.text, "true");
  EXPECT_EQ(find_entry(tree, "a")->value.items.at(1).text, "two");
  EXPECT_EQ(find_entry(tree, "t")->value.entries.at(0).key, "k");
  EXPECT_EQ(find_entry(tree, "x"), nullptr);
}

TEST(TomlTree, KnowsWhereEverythingStands) {
  const TomlValue tree = parse_tree("# a comment\n[links.redis]\n  listen = [6379,\n    'tcp://[::1]:1']\n");
  const TomlEntry& link = tree.entries.at(0).value.entries.at(0);
  EXPECT_EQ(place_text(link.place), "2:8");
  const TomlEntry& listen = link.value.entries.at(0);
  EXPECT_EQ(place_text(listen.place), "3:3");
  EXPECT_EQ(place_text(listen.value.place), "3:12");
  EXPECT_EQ(place_text(listen.value.items.at(1).place), "4:5");
}

TEST(TomlTree, CountsCharactersAndNotBytes) {
  EXPECT_EQ(place_text(parse_tree("\"größe\" = 1\n").entries.at(0).value.place), "1:11");
}

TEST(TomlTree, KeepsTheFilesOrder) {
  const TomlValue tree = parse_tree("zebra = 1\nant = 2\n[monkey]\n[bee]\n");
  std::string order;
  for (const auto& entry : tree.entries) order += entry.key + " ";
  EXPECT_EQ(order, "zebra ant monkey bee ");
}

TEST(TomlTree, TakesAnyCharacterWhereTextMayStand) {
  for (const std::string character : {"\u00f6", "\u0285", "\u00a0", "\u2003", "\u3000", "\U0001f642"}) {
    const TomlValue tree =
        parse_tree("# " + character + "\na = '" + character + "'\nb = \"\"\"\\\n  " + character + "\"\"\"\n");
    EXPECT_EQ(find_entry(tree, "a")->value.text, character);
    EXPECT_FALSE(parse_toml(character + "b = 1\n") && parse_toml("a" + character + "b = 1\n")) << character;
  }
}

TEST(TomlTree, OfAnEmptyFileIsEmpty) {
  EXPECT_TRUE(parse_tree("").entries.empty());
  EXPECT_TRUE(parse_tree("\xef\xbb\xbf# only a comment").entries.empty());
}

struct Mistake {
  std::string text;
  const char* place;
  const char* because;
};

void PrintTo(const Mistake& row, std::ostream* out) { *out << row.because; }

class TomlMistake : public testing::TestWithParam<Mistake> {};

TEST_P(TomlMistake, IsToldWithItsPlace) {
  const auto tree = parse_toml(GetParam().text);
  ASSERT_FALSE(tree) << GetParam().because;
  EXPECT_EQ(place_text(tree.error().place), GetParam().place) << tree.error().what;
  EXPECT_FALSE(tree.error().what.empty());
}

INSTANTIATE_TEST_SUITE_P(Texts, TomlMistake,
                         testing::Values(Mistake{"a = 1\nb = \n", "2:5", "no value"},
                                         Mistake{"a = 'x\n", "1:7", "a string without end"},
                                         Mistake{"[links.redis\n", "1:13", "a header without end"},
                                         Mistake{"a = 1\na = 2\n", "2:5", "a key twice"},
                                         Mistake{"a = '\xff'\n", "1:5", "no UTF-8"},
                                         Mistake{"a = 01\n", "1:7", "a zero in front"},
                                         Mistake{"x", "1:2", "no equals sign"}));

TEST(TomlMistakes, ThatBewilderTheParserAreToldWithTheirLine) {
  for (const std::string text : {"[ = 1\n", "a = 1\n[ = 1\nb = 2\n[c]\n", "# a comment\n\n\n[[ =]]"}) {
    const auto tree = parse_toml(text);
    ASSERT_FALSE(tree) << text;
    EXPECT_EQ(place_text(tree.error().place),
              std::to_string(1 + std::ranges::count(text.substr(0, text.find("[")), '\n')) + ":1")
        << text;
    EXPECT_EQ(tree.error().what, "this line cannot be read");
  }
}

TEST(TomlDepth, OfAKeyIsLimited) {
  EXPECT_TRUE(parse_toml("[a.b.c.d.e.f.g.h.i]\n"));
  for (const std::string& text :
       {std::string("a.b.c.d.e.f.g.h.i.j = 1\n"), std::string("x = 1\n[a.b.c.d.e.f.g.h.i.j]\n"),
        std::string("x = {a.b.c.d.e.f.g.h.i.j = 1}\n"),
        std::string("\"=\".\"=\".\"=\".\"=\".\"=\".\"=\".\"=\".\"=\".\"=\".x = 1\n")}) {
    ASSERT_FALSE(parse_toml(text)) << text;
    EXPECT_EQ(parse_toml(text).error().what, "a key has more than 8 dots");
    EXPECT_EQ(parse_toml(text).error().place.line, text.starts_with("x = 1") ? 2U : 1U);
  }
}

TEST(TomlDepth, IsNoMatterOfDotsInStringsAndComments) {
  const std::string dots(100, '.');
  EXPECT_TRUE(parse_toml("a = '" + dots + "'\n"));
  EXPECT_TRUE(parse_toml("a = \"\\\"" + dots + "\"\n"));
  EXPECT_TRUE(parse_toml("a = '''\n" + dots + "\n'" + dots + "''''\nb.c = 1\n"));
  EXPECT_TRUE(parse_toml("a = \"\"\"" + dots + "\\\"\"\"\"\"\"\nb.c = 1\n"));
  EXPECT_TRUE(parse_toml("a = '' # " + dots + "\nb.c = 1\n"));
  EXPECT_TRUE(parse_toml("a = [1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]\n"));
}

TEST(TomlDepth, OfAMegabyteOfDotsExhaustsNothing) {
  std::string deep = "[a";
  while (deep.size() < 1024UL * 1024) deep += ".a";
  EXPECT_FALSE(parse_toml(deep + "]\n"));
  EXPECT_FALSE(parse_toml("a = " + std::string(1024UL * 1024, '[')));
}

}  // namespace
}  // namespace amb
