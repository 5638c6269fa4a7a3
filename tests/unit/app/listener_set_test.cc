// SPDX-License-Identifier: Apache-2.0
#include "app/listener_set.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "unit/discovery/temporary_folder.h"
#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;
using Ids = std::vector<ListenerId>;

Link listening_at(std::vector<SocketAddress> listen) { return {.listen = std::move(listen)}; }
bool is_refused(const SocketAddress& address) { return connect_to(address).error == ECONNREFUSED; }

class ListenerSetTest : public testing::Test {
 protected:
  /// The links get the numbers 10, 11, 12 … of a table.
  ListenerSet::Change wants(const std::vector<Link>& links) {
    auto staged = set_.stage(links);
    EXPECT_TRUE(staged) << (staged ? "" : staged.error().front().error.message());
    if (!staged) return {};
    EXPECT_TRUE(ListenerSet::listen(*staged));
    std::vector<ListenerSet::Wanted> wanted;
    for (std::size_t i = 0; i < links.size(); ++i) wanted.push_back({10 + i, links[i].listen});
    return set_.commit(std::move(*staged), wanted);
  }

  ListenerSet set_{2};
  SocketAddress a_ = free_address(), b_ = free_address();
};

TEST_F(ListenerSetTest, OpensOneSocketForEachWorkerAndNumbersTheAddresses) {
  const auto change = wants({listening_at({a_}), listening_at({b_})});
  ASSERT_EQ(change.opened.size(), 2U);
  EXPECT_EQ(change.opened[0].link, 10U);
  EXPECT_EQ(change.opened[0].address, a_);
  EXPECT_EQ(change.opened[0].sockets.size(), 2U);
  EXPECT_NE(change.opened[0].id, change.opened[1].id);
  EXPECT_FALSE(is_refused(a_));
  EXPECT_EQ(set_.bound(std::vector{b_}), std::vector{b_});
}

TEST_F(ListenerSetTest, OpensNothingThatItHasAlready) {
  const auto first = wants({listening_at({a_})});
  const auto again = wants({listening_at({a_})});
  EXPECT_TRUE(again.opened.empty() && again.moved.empty() && again.closed.empty());
  const auto more = wants({listening_at({b_, a_})});
  EXPECT_EQ(more.opened.size(), 1U);
  EXPECT_TRUE(more.closed.empty());
}

TEST_F(ListenerSetTest, ClosesWhatNobodyWantsAnyMore) {
  const auto first = wants({listening_at({a_, b_})});
  const auto change = wants({listening_at({b_})});
  EXPECT_EQ(change.closed, Ids{first.opened[0].id});
  EXPECT_EQ(set_.addresses(), std::vector<SocketAddress>{b_});
}

TEST_F(ListenerSetTest, MovesAnAddressThatAnotherLinkWants) {
  const auto first = wants({listening_at({a_}), listening_at({b_})});
  const auto swapped = wants({listening_at({b_}), listening_at({a_})});
  EXPECT_TRUE(swapped.opened.empty() && swapped.closed.empty());
  ASSERT_EQ(swapped.moved.size(), 2U);
  for (const MovedListener& moved : swapped.moved)
    EXPECT_EQ(moved.link, moved.id == first.opened[0].id ? 11U : 10U);
}

TEST_F(ListenerSetTest, NeverGivesANumberTwice) {
  const ListenerId before = wants({listening_at({a_})}).opened[0].id;
  (void)wants({listening_at({b_})});
  const auto again = wants({listening_at({a_})});
  EXPECT_NE(again.opened[0].id, before) << "a worker may still be closing that one";
}

TEST_F(ListenerSetTest, ForgetsWhatIsStagedAndNotCommitted) {
  const TemporaryFolder folder;
  const SocketAddress path = *SocketAddress::from_path(folder / "x.sock");
  {
    const auto staged = set_.stage(std::vector{listening_at({a_, path})});
    ASSERT_TRUE(staged);
    EXPECT_TRUE(is_refused(a_)) << "it does not listen yet";
    EXPECT_TRUE(std::filesystem::exists(path.path()));
  }
  EXPECT_FALSE(std::filesystem::exists(path.path()));
  EXPECT_TRUE(bind_listener(a_, 1));
  EXPECT_TRUE(set_.addresses().empty());
}

TEST_F(ListenerSetTest, TellsEverythingThatCannotBeHad) {
  const BoundListener one = listen_on(ip("127.0.0.1")), two = listen_on(ip("127.0.0.1"));
  const auto staged = set_.stage(std::vector{listening_at({one.address}), listening_at({a_, two.address})});
  ASSERT_FALSE(staged);
  ASSERT_EQ(staged.error().size(), 2U);
  EXPECT_EQ(staged.error()[0].link, 0U);
  EXPECT_EQ(staged.error()[1].link, 1U);
  EXPECT_EQ(staged.error()[1].address, two.address);
  EXPECT_TRUE(bind_listener(a_, 1)) << "what could be had was given back";
}

TEST_F(ListenerSetTest, SharesAPathAmongTheWorkersAndRemovesItWhenItCloses) {
  const TemporaryFolder folder;
  const SocketAddress path = *SocketAddress::from_path(folder / "x.sock");
  const auto first = wants({listening_at({path})});
  EXPECT_EQ(first.opened[0].sockets.size(), 2U);
  EXPECT_EQ(connect_to(path).error, 0);
  EXPECT_TRUE(wants({listening_at({path})}).opened.empty());
  EXPECT_EQ(wants({listening_at({a_})}).closed, Ids{first.opened[0].id});
  EXPECT_FALSE(std::filesystem::exists(path.path()));
}

TEST_F(ListenerSetTest, ListensOnAllAddressesOfAPortThatItHasOnOne) {
  const auto first = wants({listening_at({a_})});
  const SocketAddress all = ip("0.0.0.0", a_.port());
  const auto grown = wants({listening_at({all})});
  EXPECT_EQ(grown.opened.size(), 1U);
  EXPECT_EQ(grown.closed, Ids{first.opened[0].id});
  EXPECT_FALSE(is_refused(ip("127.0.0.2", a_.port())));
  EXPECT_EQ(wants({listening_at({a_})}).opened.size(), 1U);
}

TEST_F(ListenerSetTest, DoesNotShareAPortWithAnotherProgramThatHasItElsewhere) {
  const auto first = wants({listening_at({a_})});
  const SocketAddress theirs = ip("127.0.0.2", a_.port());
  const auto other = bind_listener(theirs, 2);  // with SO_REUSEPORT, as an ambassador of the same user has it
  ASSERT_TRUE(other && start_listening(*other));
  const auto staged = set_.stage(std::vector{listening_at({a_, theirs})});
  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error()[0].error.code, EADDRINUSE);
}

TEST_F(ListenerSetTest, ChoosesAnotherPortEachTimeWhereTheKernelMay) {
  const auto first = wants({listening_at({ip("127.0.0.1")})});
  const auto second = wants({listening_at({ip("127.0.0.1")})});
  ASSERT_EQ(second.opened.size(), 1U);
  EXPECT_EQ(second.closed, Ids{first.opened[0].id});
  EXPECT_EQ(set_.addresses(), std::vector<SocketAddress>{second.opened[0].address});
}

}  // namespace
}  // namespace amb
