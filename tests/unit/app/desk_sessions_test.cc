// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "net/socket.h"
#include "unit/app/at_the_control_desk.h"

namespace amb {
namespace {

using namespace test;

using DeskSessions = AtTheControlDesk;

TEST_F(DeskSessions, ListsTheOldestSessionsFirstAndSaysHowManyItLeftOut) {
  std::vector<TcpPair> open;
  for (int i = 0; i < 6; ++i) open.push_back(living_.opens_session(a_, first_));
  const SessionList all = sessions();
  ASSERT_EQ(all.sessions.size(), 6U);
  for (std::size_t i = 1; i < all.sessions.size(); ++i)
    EXPECT_GE(all.sessions[i - 1].age_ms, all.sessions[i].age_ms);
  EXPECT_EQ(all.left_out, 0U);
  const SessionList some = sessions({.most = 2});
  ASSERT_EQ(some.sessions.size(), 2U);
  EXPECT_GE(some.sessions[0].age_ms, some.sessions[1].age_ms);
  EXPECT_EQ(some.left_out, 4U);
}

TEST_F(DeskSessions, SaysOfASessionWhoItIsOf) {
  const TcpPair session = living_.opens_session(b_, second_);
  const SessionList list = sessions();
  ASSERT_EQ(list.sessions.size(), 1U);
  EXPECT_EQ(list.sessions[0].link, "b");
  EXPECT_EQ(list.sessions[0].downstream, local_address(session.near.borrow()).to_string());
  EXPECT_EQ(list.sessions[0].upstream, second_.address().to_string());
  EXPECT_EQ(list.sessions[0].state, "relaying");
  EXPECT_EQ(list.sessions[0].bytes_to_downstream, 5U);
  ASSERT_EQ(shutdown_write(session.near.borrow()), 0);
  EXPECT_TRUE(eventually([&] { return sessions().sessions.at(0).state == "half_closed"; }));
}

TEST_F(DeskSessions, SaysWhatASessionSpeaks) {
  const TcpPair session = living_.opens_session(a_, first_);
  EXPECT_EQ(sessions().sessions.at(0).protocol, "other") << "it was told hello";
  EXPECT_EQ(sessions().sessions.at(0).server_name, "");
  const ProgramStatus status = ask(desk_.status());
  EXPECT_EQ(status.links[0].protocols, (std::vector<std::pair<std::string, std::uint64_t>>{{"other", 1}}));
  EXPECT_TRUE(status.links[1].protocols.empty());
}

TEST_F(DeskSessions, ListsTheSessionsOfOneLink) {
  const TcpPair at_a = living_.opens_session(a_, first_), at_b = living_.opens_session(b_, second_);
  const SessionList list = sessions({.link = "b"});
  ASSERT_EQ(list.sessions.size(), 1U);
  EXPECT_EQ(list.sessions[0].link, "b");
  EXPECT_EQ(ask(desk_.sessions({.link = "c"})).error().status, 404);
}

TEST_F(DeskSessions, ListsTheSessionsOfALinkThatHasLeftTheWiring) {
  const TcpPair session = living_.opens_session(a_, first_);
  ASSERT_TRUE(living_.reload(link_text("b", b_, second_.address())));
  ASSERT_EQ(sessions().sessions.size(), 1U);
  EXPECT_EQ(sessions().sessions[0].link, "a");
}

TEST_F(DeskSessions, ClosesTheSessionOfAnId) {
  const TcpPair closed = living_.opens_session(a_, first_), kept = living_.opens_session(b_, second_);
  ASSERT_TRUE(ask(desk_.close_session(sessions({.link = "a"}).sessions.at(0).id)));
  EXPECT_TRUE(was_reset(closed));
  EXPECT_TRUE(is_alive(kept));
}

TEST_F(DeskSessions, SaysThatThereIsNoSessionOfAnId) {
  for (const char* id : {"", "-", "0", "0-", "-1", "0-1", "7-1", "0-1-1", "x-1", "0-99999999999", " 0-1"})
    EXPECT_EQ(ask(desk_.close_session(id)).error().status, 404) << id;
}

TEST_F(DeskSessions, CountsThoseThatARewireWouldLeaveAtFormerEndpoints) {
  const TcpPair one = living_.opens_session(a_, first_), two = living_.opens_session(a_, first_);
  const auto found = [](SocketAddress address) {
    return [address](const Link& link) -> LiveWiring::Task<Examination> {
      Examination examination;
      examination.findings = {{.target = link.targets[0].text, .address = {}, .is_well = true, .said = "up"}};
      examination.addresses = {address};
      co_return examination;
    };
  };
  RewireRequest request{.link = "a", .upstream = {second_.address().to_string()}, .dry_run = true};
  living_.finds = found(second_.address());
  EXPECT_EQ(ask(desk_.rewire(request))->former_sessions, 2U);
  request.existing = SessionFate{SessionFate::Kind::cut};
  EXPECT_EQ(ask(desk_.rewire(request))->existing, "cut");
  living_.finds = found(first_.address());
  EXPECT_EQ(ask(desk_.rewire(request))->former_sessions, 0U) << "the new target leads where they are";
}

}  // namespace
}  // namespace amb
