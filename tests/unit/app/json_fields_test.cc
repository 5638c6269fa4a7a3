// SPDX-License-Identifier: Apache-2.0
#include "app/json_fields.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

TEST(JsonFields, AreReadByTheirKind) {
  const auto answer = parse_answer(
      R"({"text":"a\u001bb","number":18446744073709551615,"flag":true,"list":["a","b"],"map":{"eof":3}})");
  EXPECT_EQ(text_field(answer, "text"), "a\\x1bb") << "a terminal must not obey it";
  EXPECT_EQ(number_field(answer, "number"), 18446744073709551615U);
  EXPECT_TRUE(flag_field(answer, "flag"));
  EXPECT_EQ(joined_field(answer, "list"), "a, b");
  EXPECT_EQ(number_of(map_field(answer, "map").at("eof")), 3U);
}

TEST(JsonFields, OfAnotherKindOrMissingAreEmpty) {
  for (const char* text :
       {"", "{", "null", "7", "[]", "{}", R"({"text":7,"number":"x","flag":1,"list":{},"map":[]})"}) {
    const auto answer = parse_answer(text);
    EXPECT_EQ(text_field(answer, "text"), "") << text;
    EXPECT_EQ(number_field(answer, "number"), 0U) << text;
    EXPECT_FALSE(flag_field(answer, "flag")) << text;
    EXPECT_TRUE(list_field(answer, "list").empty()) << text;
    EXPECT_TRUE(map_field(answer, "map").empty()) << text;
  }
  EXPECT_EQ(number_field(parse_answer(R"({"n":-1})"), "n"), 0U);
  EXPECT_EQ(number_field(parse_answer(R"({"n":1.5})"), "n"), 0U);
}

}  // namespace
}  // namespace amb
