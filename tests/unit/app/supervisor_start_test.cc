// SPDX-License-Identifier: Apache-2.0
//
// A start is all or nothing.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "unit/app/running_supervisor.h"

namespace amb {
namespace {

using namespace test;

const SocketAddress kNowhere = ip("127.0.0.1", 1);

TEST(SupervisorStart, ListensOnlyWhenItIsStarted) {
  RunningSupervisor supervisor({link_from(ip("127.0.0.1"), kNowhere)});
  ASSERT_TRUE(supervisor.is_open());
  ASSERT_TRUE(supervisor->start());
  const auto record = supervisor.record("listening");
  EXPECT_EQ(record.at("from").as_string(), "variable LINK_PORT_1_TCP");
  EXPECT_NE(connect_to(supervisor.address()).error, ECONNREFUSED);
}

TEST(SupervisorStart, TellsEveryAddressThatCannotBeHad) {
  const BoundListener taken = listen_on(ip("127.0.0.1"));
  RunningSupervisor supervisor({link_from(taken.address, kNowhere), link_from(ip("127.0.0.1"), kNowhere),
                                link_from(ip("192.0.2.1", 80), kNowhere)});
  EXPECT_FALSE(supervisor.is_open());
  EXPECT_TRUE(supervisor.run_until([&] { return supervisor.records("listen_failed").size() == 2; }));
  EXPECT_TRUE(supervisor.records("listening").empty()) << "the good one is not listened on either";
}

TEST(SupervisorStart, LeavesNoPathBehindWhenItFails) {
  std::string folder = "/tmp/ambassador-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/x.sock";
  const BoundListener taken = listen_on(ip("127.0.0.1"));
  const RunningSupervisor supervisor(
      {link_from(*SocketAddress::from_path(path), kNowhere), link_from(taken.address, kNowhere)});
  EXPECT_FALSE(supervisor.is_open());
  EXPECT_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

TEST(SupervisorStart, RemovesItsPathsWhenItEnds) {
  std::string folder = "/tmp/ambassador-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/x.sock";
  {
    RunningSupervisor supervisor({link_from(*SocketAddress::from_path(path), kNowhere)}, 3);
    ASSERT_TRUE(supervisor.is_open());
    ASSERT_TRUE(supervisor->start());
    EXPECT_EQ(connect_to(*SocketAddress::from_path(path)).error, 0);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace amb
