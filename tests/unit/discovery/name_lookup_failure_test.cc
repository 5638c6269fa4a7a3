// SPDX-License-Identifier: Apache-2.0
//
// Lookups that cannot succeed: a failure says nothing about the name.
#include <gtest/gtest.h>

#include <filesystem>

#include "unit/discovery/ask.h"
#include "unit/discovery/name_server.h"

namespace amb {
namespace {

using namespace test;
using Kind = NameAnswer::Kind;

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// A name server that takes every question and answers none.
UniqueFd silent_server() {
  UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress address = ip("127.0.0.1", 53);
  EXPECT_EQ(::bind(fd.borrow(), address.raw(), address.raw_size()), 0);
  return fd;
}

TEST(NameLookupFailure, IsToldFromANameThatDoesNotExist) {
  with_name_server({}, [](const ResolverFiles&) {
    const NameAnswer answer = ask("host.example");  // the server refuses what is not its own
    EXPECT_EQ(answer.kind, Kind::failed);
    EXPECT_FALSE(answer.error.empty());
  });
}

TEST(NameLookupFailure, IsTheAnswerWhenNoServerListens) {
  without_name_server([](const ResolverFiles&) {
    const NameAnswer answer = ask("redis.test");
    EXPECT_EQ(answer.kind, Kind::failed);
    // The second try's socket may have the number of the first's; it must be heard all the same.
    EXPECT_EQ(answer.error, "Could not contact DNS servers")
        << "refused, which is known at once, and no time-out";
  });
}

TEST(NameLookupFailure, IsTheAnswerWhenTheServerIsSilent) {
  without_name_server([](const ResolverFiles&) {
    const UniqueFd server = silent_server();
    EXPECT_EQ(ask("redis.test").kind, Kind::failed);
  });
}

TEST(NameLookupFailure, IsTheAnswerWithoutAnyServerAndTheHostsFileStillServes) {
  without_name_server([](const ResolverFiles& files) {
    files.resolv_conf("");
    files.hosts("10.0.0.1 redis\n");
    EXPECT_EQ(ask("postgres").kind, Kind::failed);
    EXPECT_EQ(ask("redis").kind, Kind::found);
  });
}

TEST(NameLookupFailure, OfOneServerLeavesTheQuestionToTheNext) {
  with_name_server({"--host-record=both.test,192.0.2.7,2001:db8::7,40"}, [](const ResolverFiles& files) {
    files.resolv_conf("nameserver 127.0.0.2\nnameserver 127.0.0.1\n");
    EXPECT_EQ(ask("both.test").records.size(), 2U);
  });
}

TEST(NameLookupFailure, LeavesNoDescriptorBehind) {
  without_name_server([](const ResolverFiles&) {
    (void)ask("first.test");
    const std::size_t before = open_descriptors();
    for (int i = 0; i < 10; ++i) (void)ask("redis.test");
    EXPECT_EQ(open_descriptors(), before);
  });
}

TEST(NameLookupFailure, IsNotToldWhenTheProgramEndsInTheMiddleOfAQuestion) {
  without_name_server([](const ResolverFiles&) {
    const UniqueFd server = silent_server();
    const std::size_t before = open_descriptors();
    bool answered = false;
    {
      boost::asio::io_context io;
      NameFiles files;
      for (int i = 0; i < 5; ++i)
        look_up_name(io, files, {.name = "redis.test"}, [&](const NameAnswer&) { answered = true; });
      io.poll();
      EXPECT_GT(open_descriptors(), before) << "the questions are under way";
    }
    EXPECT_FALSE(answered);
    EXPECT_EQ(open_descriptors(), before);
  });
}

class StrangeName : public testing::TestWithParam<std::string> {};

TEST_P(StrangeName, HasNoAddressAndDoesNoHarm) {
  with_name_server({}, [](const ResolverFiles&) {
    const NameAnswer answer = ask(GetParam());
    EXPECT_NE(answer.kind, Kind::found);
    EXPECT_TRUE(answer.records.empty());
    EXPECT_FALSE(answer.error.empty());
  });
}

INSTANTIATE_TEST_SUITE_P(Names, StrangeName,
                         testing::Values("", ".", "..test", "two words.test", "line\nend.test", "\xff.test",
                                         "$(reboot).test", std::string(64, 'x') + ".test",
                                         std::string(300, 'x'), "secret.onion"));

}  // namespace
}  // namespace amb
