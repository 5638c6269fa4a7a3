// SPDX-License-Identifier: Apache-2.0
#include "proxy/close_reason.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace amb {
namespace {

TEST(CloseReason, EveryReasonHasAWordOfItsOwn) {
  std::set<std::string_view> words;
  for (int i = 0; i < kCloseReasons; ++i) words.insert(to_string(static_cast<CloseReason>(i)));
  EXPECT_EQ(words.size(), static_cast<std::size_t>(kCloseReasons));
  EXPECT_FALSE(words.contains(""));
}

TEST(CloseReason, TheWordsAreThoseOfTheDocumentation) {
  EXPECT_EQ(to_string(CloseReason::eof), "eof");
  EXPECT_EQ(to_string(CloseReason::client_reset), "client_reset");
  EXPECT_EQ(to_string(CloseReason::halfclose_timeout), "halfclose_timeout");
  EXPECT_EQ(to_string(CloseReason::endpoint_down), "endpoint_down");
  EXPECT_EQ(to_string(CloseReason::drain_deadline), "drain_deadline");
  EXPECT_EQ(to_string(CloseReason::internal), "internal");
}

}  // namespace
}  // namespace amb
