// SPDX-License-Identifier: Apache-2.0
#include "admin/control_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "unit/admin/serving.h"
#include "unit/discovery/temporary_folder.h"
#include "unit/support/child.h"

namespace amb {
namespace {

using namespace test;
namespace fs = std::filesystem;

/// A machine of its own in a folder: nothing is looked for outside.
class ControlSocketIn : public testing::Test {
 protected:
  ControlSearch search() const {
    return {.setting = {},
            .runtime_folder = {},
            .run_folder = (folder_ / "run"),
            .tmp_folder = (folder_ / "tmp"),
            .uid = 1000000U + static_cast<unsigned>(::getpid())};  // for the abstract names: nobody else's
  }
  void SetUp() override {
    fs::create_directory((folder_ / "run"));
    fs::create_directory((folder_ / "tmp"));
  }
  std::string run(const std::string& name = "control.sock") const {
    return (folder_ / "run") + "/ambassador/" + name;
  }
  ControlSocket open(const ControlSearch& search) {
    auto opened = ControlSocket::open(io_, search);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message());
    return std::move(opened.value());
  }
  static void leave_dead(const std::string& path) {
    leave_dead_socket(SocketAddress::from_path(path).value());
  }

  TemporaryFolder folder_;
  asio::io_context io_;
};

TEST_F(ControlSocketIn, IsForNobodyElseFromTheFirstMoment) {
  const mode_t before = ::umask(0);
  const ControlSocket socket = open(search());
  ::umask(before);
  EXPECT_EQ(socket.place(), run());
  EXPECT_TRUE(socket.notes().empty());
  struct stat file{}, folder{};
  ASSERT_EQ(::lstat(run().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600U);
  ASSERT_EQ(::lstat(run("").c_str(), &folder), 0);
  EXPECT_EQ(folder.st_mode & 07777, 0700U);
}

TEST_F(ControlSocketIn, ListensAndGoesWithItsOwner) {
  {
    ControlSocket socket = open(search());
    const auto acceptor = socket.take_acceptor();
    EXPECT_EQ(connect_to(SocketAddress::from_path(run()).value()).error, 0);
    EXPECT_TRUE(fs::exists(run()));
  }
  EXPECT_FALSE(fs::exists(run()));
}

TEST_F(ControlSocketIn, LeavesAPathThatIsNotItsOwnAnyMore) {
  {
    const ControlSocket socket = open(search());
    fs::remove(run());
    std::ofstream(run()) << "another one's";
  }
  EXPECT_TRUE(fs::exists(run()));
}

TEST_F(ControlSocketIn, TakesOverFromTheDead) {
  fs::create_directory(run(""));
  leave_dead(run());
  ASSERT_TRUE(fs::exists(run()));
  const ControlSocket socket = open(search());
  EXPECT_EQ(socket.place(), run());
  EXPECT_EQ(connect_to(SocketAddress::from_path(run()).value()).error, 0);
}

TEST_F(ControlSocketIn, StandsBesideTheLivingAndSaysSo) {
  const ControlSocket first = open(search());
  const ControlSocket second = open(search());
  EXPECT_EQ(second.place(), run("control-2.sock"));
  ASSERT_EQ(second.notes().size(), 1U);
  EXPECT_EQ(second.notes()[0], "the control socket is not " + run() + ": Address already in use");
}

TEST_F(ControlSocketIn, DoesNotTouchAFileThatIsNoSocket) {
  fs::create_directory(run(""));
  std::ofstream(run()) << "precious";
  EXPECT_EQ(open(search()).place(), run("control-2.sock"));
  EXPECT_EQ(fs::file_size(run()), 8U);
}

TEST_F(ControlSocketIn, GoesElsewhereWhenTheFolderCannotBeMade) {
  ControlSearch where = search();
  where.run_folder = (folder_ / "missing");
  where.runtime_folder = (folder_ / "also-missing");
  const ControlSocket socket = open(where);
  EXPECT_EQ(socket.place(), (folder_ / "tmp") + "/ambassador-" + std::to_string(where.uid) + "/control.sock");
  ASSERT_EQ(socket.notes().size(), 2U);
  EXPECT_EQ(socket.notes()[0],
            "the control socket is not in " + where.run_folder + "/ambassador: No such file or directory");
}

TEST_F(ControlSocketIn, DoesNotUseAFolderThatOthersCanChange) {
  fs::create_directory(run(""));
  ASSERT_EQ(::chmod(run("").c_str(), 0777), 0);
  EXPECT_TRUE(open(search()).place().starts_with((folder_ / "tmp")));
  ASSERT_EQ(::chmod(run("").c_str(), 01777), 0);
  EXPECT_TRUE(open(search()).place().starts_with((folder_ / "run"))) << "as Docker mounts a tmpfs";
}

TEST_F(ControlSocketIn, DoesNotUseALinkOrAnotherOnesFolder) {
  fs::create_directory((folder_ / "elsewhere"));
  fs::create_symlink((folder_ / "elsewhere"), (folder_ / "run") + "/ambassador");
  EXPECT_TRUE(open(search()).place().starts_with((folder_ / "tmp")));
  if (::geteuid() != 0) GTEST_SKIP() << "only root may give a folder away";
  fs::remove((folder_ / "run") + "/ambassador");
  fs::create_directory(run(""));
  ASSERT_EQ(::chown(run("").c_str(), 12345, 12345), 0);
  EXPECT_TRUE(open(search()).place().starts_with((folder_ / "tmp")));
}

TEST_F(ControlSocketIn, NeedsNoFileAtAll) {
  ControlSearch where = search();
  where.run_folder = where.tmp_folder = (folder_ / "missing");
  const ControlSocket first = open(where);
  const std::string name = "@ambassador-control-" + std::to_string(where.uid);
  EXPECT_EQ(first.place(), name);
  EXPECT_EQ(first.reach(), Reach::abstract);
  EXPECT_EQ(connect_to(SocketAddress::from_path(name).value()).error, 0);
  EXPECT_EQ(open(where).place(), name + "-2");
}

TEST_F(ControlSocketIn, ThatWasNamedIsThereOrNowhere) {
  ControlSearch where = search();
  where.setting = (folder_ / "mine.sock");
  {
    const ControlSocket socket = open(where);
    EXPECT_EQ(socket.place(), where.setting);
    const auto second = ControlSocket::open(io_, where);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message(), "cannot listen on " + where.setting + ": Address already in use");
    EXPECT_TRUE(fs::exists(where.setting));
  }
  leave_dead(where.setting);
  EXPECT_EQ(open(where).place(), where.setting) << "the dead are in nobody's way";
  where.setting = (folder_ / "missing") + "/mine.sock";
  const auto nowhere = ControlSocket::open(io_, where);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ENOENT);
}

TEST_F(ControlSocketIn, IsNotLeftToOtherPrograms) {
  ControlSocket socket = open(search());
  auto acceptor = socket.take_acceptor();
  EXPECT_EQ(::fcntl(acceptor.native_handle(), F_GETFD), FD_CLOEXEC);
}

TEST_F(ControlSocketIn, IsFoundByTheUserWithoutRights) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  ASSERT_EQ(::chmod((folder_ / "").c_str(), 0755), 0);
  ASSERT_EQ(::chmod((folder_ / "tmp").c_str(), 01777), 0);
  in_child([this] {
    ASSERT_EQ(::setuid(65534), 0);
    const ControlSocket socket = open(search());
    EXPECT_TRUE(socket.place().starts_with((folder_ / "tmp") + "/ambassador-")) << socket.place();
    EXPECT_EQ(socket.notes().front(),
              "the control socket is not in " + (folder_ / "run") + "/ambassador: Permission denied");
  });
}

}  // namespace
}  // namespace amb
