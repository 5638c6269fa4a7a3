// SPDX-License-Identifier: Apache-2.0
#include "net/unix_place.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "unit/support/child.h"
#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;
namespace fs = std::filesystem;

struct Bound {
  UniqueFd fd;
  UnixPlace place;
};

class UnixPlaceIn : public testing::Test {
 protected:
  UnixPlaceIn() : folder_(make_folder()), path_((folder_ / "x.sock").string()), lock_(path_ + ".lock") {}
  ~UnixPlaceIn() override { fs::remove_all(folder_); }

  static fs::path make_folder() {
    std::string name = "/tmp/ambassador-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    return name;
  }
  static UniqueFd unix_socket() { return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }
  static Result<Bound> bind(const std::string& path) {
    UniqueFd fd = unix_socket();
    auto place = UnixPlace::bind(fd.borrow(), *SocketAddress::from_path(path));
    if (!place) return std::unexpected(place.error());
    return Bound{std::move(fd), std::move(*place)};
  }
  Bound have() const {
    auto bound = bind(path_);
    EXPECT_TRUE(bound) << (bound ? "" : bound.error().message());
    return bound ? std::move(*bound) : Bound{};
  }
  int refusal() const {
    const auto bound = bind(path_);
    return bound ? 0 : bound.error().code;
  }

  fs::path folder_;
  std::string path_, lock_;
};

TEST_F(UnixPlaceIn, LeavesNothingBehind) {
  {
    const Bound ours = have();
    EXPECT_TRUE(ours.place.is_ours());
    EXPECT_EQ(ours.place.id(), file_id(path_));
    EXPECT_TRUE(fs::is_socket(path_));
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(UnixPlaceIn, CanBeGivenAnotherModeAndBackAgain) {
  const Bound ours = have();
  const FileAccess before = *ours.place.access();
  ASSERT_TRUE(ours.place.set_access({0660, before.owner, before.group}));
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms{0660});
  ASSERT_TRUE(ours.place.set_access(before));
  EXPECT_EQ(ours.place.access(), before);
}

TEST_F(UnixPlaceIn, CanBeGivenToAnotherUserByRootAlone) {
  const Bound ours = have();
  const auto given = ours.place.set_access({0600, 12345, 54321});
  struct stat file{};
  ASSERT_EQ(::lstat(path_.c_str(), &file), 0);
  if (::geteuid() == 0) {
    ASSERT_TRUE(given) << given.error().message();
    EXPECT_EQ(file.st_uid, 12345U);
    EXPECT_EQ(file.st_gid, 54321U);
  } else {
    ASSERT_FALSE(given);
    EXPECT_EQ(given.error().message(),
              "cannot make 12345:54321 the owner and group of " + path_ + ": Operation not permitted");
  }
}

TEST_F(UnixPlaceIn, GivesNoOtherFileAModeThoughItStandsAtThePath) {
  const Bound ours = have();
  fs::remove(path_);
  std::ofstream(path_) << "precious";
  fs::permissions(path_, fs::perms{0600});
  (void)ours.place.set_access({0666, ours.place.access()->owner, ours.place.access()->group});
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms{0600});
}

TEST_F(UnixPlaceIn, IsNotTakenFromOneThatIsBoundAndDoesNotListenYet) {
  const Bound first = have();
  ASSERT_EQ(connect_to(*SocketAddress::from_path(path_)).error, ECONNREFUSED) << "it looks dead";
  EXPECT_EQ(refusal(), EADDRINUSE);
  EXPECT_TRUE(first.place.is_ours());
}

TEST_F(UnixPlaceIn, IsTakenOverFromADeadProgramWhateverItLeft) {
  in_child([this] {
    const Bound dying = have();
    ::_exit(0);  // without cleaning up, as if it had been killed
  });
  ASSERT_TRUE(fs::is_socket(path_));
  ASSERT_TRUE(fs::exists(lock_));
  EXPECT_TRUE(have().place.is_ours());
}

TEST_F(UnixPlaceIn, IsNotTakenFromALivingProgramThatKnowsNoLock) {
  const UniqueFd theirs = unix_socket();
  const auto address = *SocketAddress::from_path(path_);
  ASSERT_EQ(::bind(theirs.borrow(), address.raw(), address.raw_size()), 0);
  ASSERT_EQ(::listen(theirs.borrow(), 1), 0);
  EXPECT_EQ(refusal(), EADDRINUSE);
  EXPECT_TRUE(fs::is_socket(path_));
  EXPECT_FALSE(fs::exists(lock_)) << "no trace of the attempt";
}

TEST_F(UnixPlaceIn, LeavesAPathThatAnotherSocketHasTakenInTheMeantime) {
  Bound ours = have();
  fs::remove(path_);
  fs::remove(lock_);
  const Bound successor = have();
  EXPECT_FALSE(ours.place.is_ours());
  ours.place.give_up();
  EXPECT_TRUE(successor.place.is_ours());
  EXPECT_TRUE(fs::exists(lock_)) << "the lock is the successor's too";
  EXPECT_EQ(refusal(), EADDRINUSE);
}

TEST_F(UnixPlaceIn, KnowsItsOwnWhenTheInodesNumberWouldBeUsedAgain) {
  Bound ours = have();
  ours.fd.reset();
  for (int i = 0; i < 64; ++i) {  // ext4 gives the number of a removed file to the next one
    fs::remove(path_);
    std::ofstream(path_) << "precious";
    ASSERT_FALSE(ours.place.is_ours());
  }
  ours.place.give_up();
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(UnixPlaceIn, IsGivenUpOnceAndForAll) {
  Bound ours = have();
  ours.place.give_up();
  EXPECT_FALSE(ours.place.is_ours());
  EXPECT_FALSE(ours.place.id());
  const Bound next = have();
  ours.place.give_up();
  EXPECT_TRUE(next.place.is_ours());
}

TEST_F(UnixPlaceIn, IsGivenUpWhenAnotherOneTakesItsVariable) {
  UnixPlace place = std::move(have().place);
  const std::string other = (folder_ / "y.sock").string();
  place = std::move(bind(other)->place);
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_TRUE(place.is_ours());
}

TEST_F(UnixPlaceIn, LeavesWhatIsNoSocketAlone) {
  std::ofstream(path_) << "precious";
  EXPECT_EQ(refusal(), EEXIST);
  fs::remove(path_);
  fs::create_symlink(folder_ / "precious", path_);
  EXPECT_EQ(refusal(), EEXIST);
  EXPECT_TRUE(fs::is_symlink(path_));
}

TEST_F(UnixPlaceIn, IsHadWithoutALockWhereThereCanBeNone) {
  fs::create_symlink(folder_ / "elsewhere", lock_);
  EXPECT_TRUE(have().place.is_ours());
  EXPECT_FALSE(fs::exists(folder_ / "elsewhere")) << "a link is not followed";
  EXPECT_TRUE(fs::is_symlink(lock_));
}

TEST_F(UnixPlaceIn, IsRefusedWhereNothingCanBe) {
  path_ = (folder_ / "missing" / "x.sock").string();
  EXPECT_EQ(refusal(), ENOENT);
}

TEST_F(UnixPlaceIn, SaysWhoHasAPathThatIsNotThere) {
  const Bound ours = have();
  fs::remove(path_);
  const auto refused = bind(path_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "cannot listen on " + path_ + " (another program holds its .lock): Address already in use");
}

TEST_F(UnixPlaceIn, GivesTheFileTheModeOfTheSocket) {
  const mode_t before = ::umask(0);
  const UniqueFd fd = unix_socket();
  ASSERT_EQ(::fchmod(fd.borrow(), 0640), 0);
  const auto place = UnixPlace::bind(fd.borrow(), *SocketAddress::from_path(path_));
  ::umask(before);
  ASSERT_TRUE(place);
  struct stat file{}, lock{};
  ASSERT_EQ(::lstat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0640U);
  ASSERT_EQ(::lstat(lock_.c_str(), &lock), 0);
  EXPECT_EQ(lock.st_mode & 07777, 0600U);
}

TEST_F(UnixPlaceIn, IsEmptyForAnAbstractNameWhichTheKernelGuards) {
  const std::string name = "@" + path_;
  const auto first = bind(name);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->place.id());
  const auto second = bind(name);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, EADDRINUSE);
}

TEST_F(UnixPlaceIn, HasOneWinnerOfManyWhoStartAtOnceOverADeadProgramsSocket) {
  for (int round = 0; round < 50; ++round) {
    in_child([this] {
      const Bound dying = have();
      ::_exit(0);
    });
    std::vector<Result<Bound>> outcomes;
    for (int i = 0; i < 8; ++i) outcomes.emplace_back(std::unexpected(Error{}));
    std::atomic<bool> go{false};
    std::vector<std::thread> starters;
    for (auto& outcome : outcomes) {
      starters.emplace_back([&] {
        while (!go) continue;
        outcome = bind(path_);
      });
    }
    go = true;
    for (auto& one : starters) one.join();
    const auto won = std::ranges::count_if(outcomes, [](const auto& one) { return one.has_value(); });
    ASSERT_EQ(won, 1) << "in round " << round;
    for (const auto& one : outcomes) {
      EXPECT_EQ(one ? 0 : one.error().code, one ? 0 : EADDRINUSE);
      EXPECT_TRUE(!one || one->place.is_ours());
    }
  }
}

TEST_F(UnixPlaceIn, IsOneFileInEverySpelling) {
  const Bound ours = have();
  fs::create_directory_symlink(folder_, folder_ / "again");
  EXPECT_EQ(file_id((folder_ / "again" / "." / "x.sock").string()), ours.place.id());
  EXPECT_FALSE(file_id((folder_ / "missing").string()));
  EXPECT_FALSE(bind((folder_ / "again" / "x.sock").string()));
}

}  // namespace
}  // namespace amb
