// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace amb {
namespace {

struct Message {
  Error error;
  std::string expected;
  const char* because;
};

void PrintTo(const Message& one, std::ostream* out) { *out << one.because; }

class ErrorMessage : public testing::TestWithParam<Message> {};

TEST_P(ErrorMessage, IsOneLineForPeople) {
  EXPECT_EQ(GetParam().error.message(), GetParam().expected) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Errors, ErrorMessage,
    testing::Values(Message{{"cannot bind", EACCES, "[::]:80"},
                            "cannot bind [::]:80: Permission denied",
                            "what was tried, with what, and why it failed"},
                    Message{{"cannot open an eventfd", EMFILE, {}},
                            "cannot open an eventfd: Too many open files",
                            "there is not always a detail"},
                    Message{{"no address for", 0, "redis"}, "no address for redis", "nor an errno"},
                    Message{{"out of luck", 0, {}}, "out of luck", "what was tried is always there"}));

TEST(IoResult, HoldsACountOnlyWhenDoneAndAnErrorOnlyWhenFailed) {
  const IoResult done = IoResult::done(7), failed = IoResult::failed(EPIPE);
  EXPECT_EQ(done.status, IoStatus::done);
  EXPECT_EQ(done.count, 7U);
  EXPECT_EQ(done.error, 0);
  EXPECT_EQ(failed.status, IoStatus::failed);
  EXPECT_EQ(failed.count, 0U);
  EXPECT_EQ(failed.error, EPIPE);
  for (const IoResult& nothing : {IoResult::would_block(), IoResult::end()}) {
    EXPECT_EQ(nothing.count, 0U);
    EXPECT_EQ(nothing.error, 0);
  }
}

}  // namespace
}  // namespace amb
