// SPDX-License-Identifier: Apache-2.0
#include "health/saslprep.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

TEST(Saslprep, IsThatOfRfc4013) {
  EXPECT_EQ(saslprep("I\u00adX"), "IX") << "mapped to nothing";
  EXPECT_EQ(saslprep("user"), "user");
  EXPECT_EQ(saslprep("USER"), "USER") << "case stays";
  EXPECT_EQ(saslprep("\u00aa"), "a");
  EXPECT_EQ(saslprep("\u2168"), "IX");
}

TEST(Saslprep, MakesOneOfTheWaysToTypeAPassword) {
  EXPECT_EQ(saslprep("open\u00a0sesame"), "open sesame") << "a no-break space";
  EXPECT_EQ(saslprep("open\u3000sesame"), "open sesame") << "an ideographic space";
  EXPECT_EQ(saslprep("\ufb01sh"), "fish") << "a ligature";
  EXPECT_EQ(saslprep("caf\u0065\u0301"), "caf\u00e9") << "decomposed";
  EXPECT_EQ(saslprep("\u1100\u1161"), "\uac00") << "Hangul";
  EXPECT_EQ(saslprep("\u0627\u0628"), "\u0627\u0628") << "right to left throughout";
}

TEST(Saslprep, LeavesAloneWhatHasNoSuchForm) {
  for (const std::string& password :
       {std::string(), std::string("\x07"), std::string("caf\xe9"), std::string("\xff\xfe"),
        std::string("\u0627\u0031"), std::string("\ufffd"), std::string("\u00ad"), std::string("\U0001f600"),
        std::string("\u0221")}) {
    EXPECT_EQ(saslprep(password), password);
  }
}

}  // namespace
}  // namespace amb
