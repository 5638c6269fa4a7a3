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

class ListenerSetPath : public ListenerSetTest {
 protected:
  ListenerSetPath() {
    std::filesystem::create_directory(folder_ / "real");
    std::filesystem::create_directory_symlink(folder_ / "real", folder_ / "link");
  }
  SocketAddress at(const std::string& path) const { return *SocketAddress::from_path(folder_ / path); }
  std::filesystem::perms mode_of(const std::string& path) const {
    return std::filesystem::status(folder_ / path).permissions();
  }
  static Link with_mode(Link link, std::uint16_t mode) {
    link.options.file.mode = mode;
    return link;
  }
  static Link leading_to(Link link, const SocketAddress& target) {
    link.targets = {{.text = target.to_string(), .address = target}};
    return link;
  }

  TemporaryFolder folder_;
  SocketAddress real_ = at("real/x"), link_ = at("link/x"), dots_ = at("real/../real/x");
};

TEST_F(ListenerSetPath, OfOnePlaceInTwoSpellingsIsRefused) {
  for (const SocketAddress& other : {link_, dots_}) {
    const auto staged = set_.stage(std::vector{listening_at({real_}), listening_at({other})});
    ASSERT_FALSE(staged) << other.to_string();
    EXPECT_EQ(staged.error().at(0).error.message(),
              other.to_string() + " is the same place as " + real_.to_string());
  }
  const auto first = wants({listening_at({real_})});
  EXPECT_FALSE(set_.stage(std::vector{listening_at({real_}), listening_at({link_})})) << "at a reload, too";
  EXPECT_EQ(connect_to(real_).error, 0);
}

TEST_F(ListenerSetPath, GoesOnUnderAnotherSpelling) {
  const auto first = wants({listening_at({real_})});
  const auto again = wants({listening_at({link_})});
  EXPECT_TRUE(again.opened.empty() && again.closed.empty());
  EXPECT_EQ(set_.addresses(), std::vector{link_});
  EXPECT_EQ(connect_to(link_).error, 0);
  EXPECT_EQ(wants({listening_at({a_})}).closed, Ids{first.opened[0].id});
  EXPECT_FALSE(std::filesystem::exists(real_.path()));
}

TEST_F(ListenerSetPath, IsNoTargetHoweverItIsReached) {
  std::filesystem::create_symlink("real/x", folder_ / "alias");
  for (const SocketAddress& target : {link_, dots_, at("alias")}) {
    const auto staged =
        set_.stage(std::vector{listening_at({real_}), leading_to(listening_at({a_}), target)});
    ASSERT_FALSE(staged) << target.to_string();
    EXPECT_EQ(staged.error().at(0).link, 1U);
    EXPECT_EQ(staged.error().at(0).error.message(),
              target.to_string() + " is this ambassador itself, which listens on " + real_.to_string());
  }
  EXPECT_TRUE(set_.stage(std::vector{listening_at({real_}), leading_to(listening_at({a_}), at("real/y"))}));
  const auto first = wants({listening_at({real_})});
  EXPECT_FALSE(set_.stage(std::vector{leading_to(listening_at({real_}), at("alias"))})) << "at a reload, too";
}

TEST_F(ListenerSetPath, LeavesAStrangersSocketAlone) {
  const auto first = wants({listening_at({real_})});
  std::filesystem::remove(real_.path());
  const UniqueFd theirs(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(::bind(theirs.borrow(), real_.raw(), real_.raw_size()), 0);
  (void)wants({listening_at({a_})});
  EXPECT_TRUE(std::filesystem::is_socket(real_.path()));
}

TEST_F(ListenerSetPath, IsFreeForASuccessorOnceTheEndHasBegun) {
  const auto first = wants({listening_at({real_})});
  set_.give_up_paths();
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "real"));
  ListenerSet successor{1};
  const auto staged = successor.stage(std::vector{listening_at({real_})});
  EXPECT_TRUE(staged && ListenerSet::listen(*staged));
  EXPECT_EQ(connect_to(real_).error, 0);
}

TEST_F(ListenerSetPath, HasTheModeThatItsLinkSays) {
  (void)wants({with_mode(listening_at({real_}), 0660)});
  EXPECT_EQ(mode_of("real/x"), std::filesystem::perms{0660});
  (void)wants({with_mode(listening_at({real_}), 0666)});
  EXPECT_EQ(mode_of("real/x"), std::filesystem::perms{0666});
  std::filesystem::permissions(folder_ / "real/x", std::filesystem::perms{0777});
  (void)wants({with_mode(listening_at({real_}), 0666)});
  EXPECT_EQ(mode_of("real/x"), std::filesystem::perms{0777}) << "what was changed by hand stays";
}

TEST_F(ListenerSetPath, HasTheModeItWouldHaveHadOnceNobodySaysAny) {
  (void)wants({listening_at({real_})});
  const auto by_itself = mode_of("real/x");
  (void)wants({with_mode(listening_at({real_}), 0600)});
  EXPECT_EQ(mode_of("real/x"), std::filesystem::perms{0600});
  (void)wants({listening_at({real_})});
  EXPECT_EQ(mode_of("real/x"), by_itself);
}

TEST_F(ListenerSetPath, KeepsItsModeWhenTheChangeFails) {
  const BoundListener taken = listen_on(ip("127.0.0.1"));
  const auto first = wants({with_mode(listening_at({real_}), 0660)});
  EXPECT_FALSE(set_.stage(std::vector{with_mode(listening_at({real_, taken.address}), 0666)}));
  EXPECT_EQ(mode_of("real/x"), std::filesystem::perms{0660});
}

TEST_F(ListenerSetPath, IsNotHadByAUserWhomNobodyKnows) {
  Link link = listening_at({real_});
  link.options.file.owner = "nobody-knows-me";
  const auto staged = set_.stage(std::vector{link});
  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error().at(0).error.message(), "there is no 'nobody-knows-me' in /etc/passwd");
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "real"));
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
