// SPDX-License-Identifier: Apache-2.0
//
// A link is drained by a command until it resumes, whatever becomes of the wiring meanwhile.
#include <gtest/gtest.h>

#include "unit/app/living.h"

namespace amb {
namespace {

using namespace test;

class LiveDrain : public testing::Test {
 protected:
  void set_drained(const std::string& link, bool is_drained) {
    EXPECT_TRUE(living_->set_drained(link, is_drained));
    living_.supervisor().settle();
  }

  Service first_, second_;
  SocketAddress a_ = free_address(), b_ = free_address();
  Living living_{link_text("a", a_, first_.address()) + link_text("b", b_, second_.address())};
};

TEST_F(LiveDrain, OfOneLinkRefusesThereAndNowhereElse) {
  const TcpPair session = living_.opens_session(a_, first_);
  set_drained("a", true);
  EXPECT_EQ(connect_to(a_).error, ECONNREFUSED);
  EXPECT_TRUE(is_alive(session));
  EXPECT_TRUE(living_.leads(b_, second_));
  set_drained("a", false);
  EXPECT_TRUE(living_.leads(a_, first_));
  EXPECT_EQ(living_.supervisor().record("link_drained").at("link").as_string(), "a");
  EXPECT_EQ(living_.supervisor().record("link_resumed").at("link").as_string(), "a");
}

TEST_F(LiveDrain, OfNoNameIsOfAll) {
  set_drained("", true);
  EXPECT_EQ(connect_to(a_).error, ECONNREFUSED);
  EXPECT_EQ(connect_to(b_).error, ECONNREFUSED);
  set_drained("b", true);
  set_drained("", false);
  EXPECT_TRUE(living_.leads(a_, first_));
  EXPECT_TRUE(living_.leads(b_, second_));
  EXPECT_TRUE(living_.supervisor().run_until(
      [&] { return living_.supervisor().records("link_resumed").size() == 2; }));
  EXPECT_EQ(living_.supervisor().records("link_drained").size(), 2U) << "what is so already is not told";
}

TEST_F(LiveDrain, OfALinkThatIsNotThereIsRefused) {
  EXPECT_EQ(living_->set_drained("c", true).error().status, 404);
}

TEST_F(LiveDrain, HoldsThroughARewireAndAReload) {
  set_drained("a", true);
  ASSERT_TRUE(living_.rewire("a", second_));
  EXPECT_EQ(connect_to(a_).error, ECONNREFUSED);
  const SocketAddress elsewhere = free_address();
  ASSERT_TRUE(living_.reload(link_text("a", elsewhere, first_.address())));
  EXPECT_EQ(connect_to(elsewhere).error, ECONNREFUSED);
  set_drained("a", false);
  EXPECT_TRUE(living_.leads(elsewhere, second_));
}

TEST_F(LiveDrain, EndsWithItsLink) {
  set_drained("a", true);
  ASSERT_TRUE(living_.reload(link_text("b", b_, second_.address())));
  LinkTable& links = living_.supervisor().links();
  EXPECT_TRUE(living_.supervisor().run_until([&] { return !links.is_known(0); }));
  ASSERT_TRUE(living_.reload(link_text("a", a_, first_.address())));
  EXPECT_TRUE(living_.leads(a_, first_));
}

}  // namespace
}  // namespace amb
