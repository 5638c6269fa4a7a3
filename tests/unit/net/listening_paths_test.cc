// SPDX-License-Identifier: Apache-2.0
//
// Listening on UNIX paths: what is taken over and what is left alone.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;
namespace fs = std::filesystem;

class ListeningPath : public testing::Test {
 protected:
  ListeningPath() : folder_(make_folder()), path_(folder_ / "x.sock") {}
  ~ListeningPath() override { fs::remove_all(folder_); }

  SocketAddress address() const { return *SocketAddress::from_path(path_.string()); }
  int refusal() const {
    const auto bound = bind_listener(address(), 1);
    return bound ? 0 : bound.error().code;
  }

  static fs::path make_folder() {
    std::string name = "/tmp/ambassador-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    return name;
  }

  fs::path folder_, path_;
};

TEST_F(ListeningPath, IsBoundOnceForAllWorkers) {
  const auto bound = bind_listener(address(), 4);
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->sockets.size(), 1U);
  ASSERT_TRUE(start_listening(*bound));
  EXPECT_EQ(connect_to(address()).error, 0);
}

TEST_F(ListeningPath, IsTakenOverFromADeadOwner) {
  leave_dead_socket(address());
  ASSERT_TRUE(fs::is_socket(path_));
  const BoundListener next = listen_on(address());
  EXPECT_EQ(connect_to(address()).error, 0);
}

TEST_F(ListeningPath, GoesWithItsListener) {
  (void)listen_on(address());
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(ListeningPath, IsLeftToWhoeverHasItByThen) {
  std::optional<BoundListener> ours = listen_on(address());
  fs::remove(path_);
  const UniqueFd theirs(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(::bind(theirs.borrow(), address().raw(), address().raw_size()), 0);
  ours.reset();
  EXPECT_TRUE(fs::is_socket(path_));
}

TEST_F(ListeningPath, IsRefusedWhileItsOwnerLives) {
  const BoundListener owner = listen_on(address());
  EXPECT_EQ(refusal(), EADDRINUSE);
  EXPECT_EQ(try_accept(owner.sockets.front().borrow()).io.status, IoStatus::would_block)
      << "it noticed nothing";
  EXPECT_EQ(connect_to(address()).error, 0) << "and goes on";
}

TEST_F(ListeningPath, LeavesAnythingButASocketAlone) {
  std::ofstream(path_) << "precious";
  EXPECT_EQ(refusal(), EEXIST);
  EXPECT_EQ(fs::file_size(path_), 8U);
}

TEST_F(ListeningPath, DoesNotFollowALinkToRemoveWhatIsBehindIt) {
  std::ofstream(folder_ / "precious") << "precious";
  fs::create_symlink(folder_ / "precious", path_);
  EXPECT_EQ(refusal(), EEXIST);
  EXPECT_TRUE(fs::is_symlink(path_));
}

TEST_F(ListeningPath, IsRefusedInAFolderThatDoesNotExist) {
  path_ = folder_ / "missing" / "x.sock";
  EXPECT_EQ(refusal(), ENOENT);
  EXPECT_NE(bind_listener(address(), 1).error().message().find("folder " + path_.parent_path().string()),
            std::string::npos);
}

TEST_F(ListeningPath, MayBeAbstract) {
  const auto name = *SocketAddress::from_path("@" + path_.string());
  const BoundListener listener = listen_on(name);
  EXPECT_EQ(connect_to(name).error, 0);
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_FALSE(bind_listener(name, 1)) << "an abstract name has one owner";
}

}  // namespace
}  // namespace amb
