// SPDX-License-Identifier: Apache-2.0
#include "discovery/dns_datagram.h"

#include <gtest/gtest.h>

#include "unit/discovery/dns_message.h"

namespace amb {
namespace {

using namespace test;

const Question kQuestion{.id = "ab", .name = "redis.test", .type = ns_t_a};

bool is_answer_text(const std::string& text) {
  return is_answer({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}

TEST(DnsDatagram, IsAnAnswerWithAllItsRecords) {
  EXPECT_TRUE(is_answer_text(Reply(kQuestion).a("10.0.0.1").cname("other.test").bytes()));
  EXPECT_TRUE(is_answer_text(Reply(kQuestion).bytes())) << "or with none";
  EXPECT_TRUE(is_answer_text(Reply(kQuestion, ns_r_servfail).bytes())) << "or a failure";
  EXPECT_TRUE(is_answer_text("ab\x84\x05" + std::string(8, '\0'))) << "which may leave the question out";
}

TEST(DnsDatagram, IsNoneWhereverItIsCut) {
  const std::string whole = Reply(kQuestion).a("10.0.0.1").srv(1, 2, 3, "other.test").bytes();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(is_answer_text(whole.substr(0, size))) << size;
}

TEST(DnsDatagram, ThatSaysThatItWasCutMayEndAnywhereAfterItsQuestion) {
  const std::string whole = Reply(kQuestion).a("10.0.0.1").truncated().bytes();
  const std::size_t question = 12 + kQuestion.wire().size();
  EXPECT_TRUE(is_answer_text(whole.substr(0, question)));
  EXPECT_TRUE(is_answer_text(whole.substr(0, question + 5)));
  EXPECT_FALSE(is_answer_text(whole.substr(0, question - 1)));
}

TEST(DnsDatagram, ThatEchoesTheQuestionIsNone) {
  std::string echo = Reply(kQuestion).bytes();
  echo[2] = 0x01;
  EXPECT_FALSE(is_answer_text(echo));
}

TEST(DnsDatagram, WithALabelOfAnUnknownKindIsNone) {
  EXPECT_FALSE(is_answer_text(Reply(kQuestion).raw("\x80" + std::string(20, '\0')).bytes()));
}

}  // namespace
}  // namespace amb
