// SPDX-License-Identifier: Apache-2.0
#include "admin/guarded_path.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace amb {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kService = 4712, kEve = 4711;

/// Below a folder that nobody else can write to, which /tmp is not.
class GuardedPath : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give folders away";
    std::string name = "/run/ambassador-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) GTEST_SKIP() << "there is no /run that can be written";
    top_ = name;
    home_ = top_ + "/svc";
    give(home_, kService);
    socket_ = home_ + "/c.sock";
    std::ofstream(socket_) << "";
    ASSERT_EQ(::chown(socket_.c_str(), kService, kService), 0);
  }
  void TearDown() override {
    if (!top_.empty()) fs::remove_all(top_);
  }
  static void give(const std::string& folder, unsigned uid) {
    fs::create_directory(folder);
    ASSERT_EQ(::chown(folder.c_str(), uid, uid), 0);
    ASSERT_EQ(::chmod(folder.c_str(), 0755), 0);
  }

  std::string top_, home_, socket_;
};

TEST_F(GuardedPath, IsOneThatOnlyRootAndTheUserCanHaveMade) {
  EXPECT_EQ(unguarded_part(socket_, kService), "");
  EXPECT_EQ(unguarded_part(top_ + "//svc/./../svc/c.sock", kService), "");
  EXPECT_EQ(unguarded_part(socket_, kEve), home_) << "it is not Eve's";
  EXPECT_EQ(unguarded_part(home_ + "/missing", kService), home_ + "/missing");
}

TEST_F(GuardedPath, IsNoneWhereOthersCanWrite) {
  for (const mode_t mode : {0777U, 01777U, 0775U, 01775U, 0757U}) {
    ASSERT_EQ(::chmod(home_.c_str(), mode), 0);
    EXPECT_EQ(unguarded_part(socket_, kService), home_) << std::oct << mode;
  }
  ASSERT_EQ(::chmod(home_.c_str(), 0755), 0);
  ASSERT_EQ(::chmod(top_.c_str(), 01777), 0);
  EXPECT_EQ(unguarded_part(socket_, kService), top_) << "others could have made the service's folder";
}

TEST_F(GuardedPath, IsNoneWhoseSocketIsAnotherOnes) {
  ASSERT_EQ(::chown(socket_.c_str(), kEve, kEve), 0);
  EXPECT_EQ(unguarded_part(socket_, kService), socket_);
}

TEST_F(GuardedPath, FollowsLinksAndJudgesEveryFolderOnTheWay) {
  fs::create_directory_symlink(home_, top_ + "/link");
  EXPECT_EQ(unguarded_part(top_ + "/link/c.sock", kService), "");
  fs::create_directory(top_ + "/open");
  ASSERT_EQ(::chmod((top_ + "/open").c_str(), 01777), 0);
  fs::create_directory_symlink("../svc", top_ + "/open/link");
  EXPECT_EQ(unguarded_part(top_ + "/open/link/c.sock", kService), top_ + "/open");
  fs::create_directory_symlink("open/link", top_ + "/detour");
  EXPECT_EQ(unguarded_part(top_ + "/detour/c.sock", kService), top_ + "/open") << "though it ends well";
  fs::create_directory_symlink("round", top_ + "/round");
  EXPECT_EQ(unguarded_part(top_ + "/round/c.sock", kService), top_ + "/round");
}

TEST_F(GuardedPath, IsNeverBelowTmp) {
  EXPECT_EQ(unguarded_part("/tmp/ambassador-4712/control.sock", kService), "/tmp");
}

}  // namespace
}  // namespace amb
