// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "unit/discovery/temporary_folder.h"
#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;
using Addresses = std::vector<SocketAddress>;

TEST(HostsTable, HasAllAddressesOfANameInAnyCase) {
  const HostsTable table("10.0.0.1 Redis cache\nfd00::1 redis\n10.0.0.1 redis\n# 10.0.0.9 redis\n");
  EXPECT_EQ(table.find("redis"), (Addresses{ip("10.0.0.1"), ip("fd00::1")}));
  EXPECT_EQ(table.find("REDIS"), table.find("redis"));
  EXPECT_EQ(table.find("cache"), (Addresses{ip("10.0.0.1")}));
  EXPECT_TRUE(table.find("postgres").empty());
}

TEST(HostsTable, BoundsTheAddressesOfOneName) {
  std::string text;
  for (int i = 0; i < 20'000; ++i)
    text += "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250) + " redis\n";
  EXPECT_EQ(HostsTable(text).find("redis").size(), 256U);
}

class Files : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) { folder_.write(name, text); }
  std::string path(const std::string& name) { return folder_ / name; }

  TemporaryFolder folder_;
  NameFiles files_{path("hosts"), path("resolv.conf")};
};

TEST_F(Files, AreReadAgainWhenTheyHaveChanged) {
  EXPECT_TRUE(files_.hosts().find("redis").empty()) << "no file yet";
  for (const char* address : {"10.0.0.1", "10.0.0.2", "10.0.0.3"}) {
    write("hosts", address + std::string(" redis\n"));
    EXPECT_EQ(files_.hosts().find("redis"), (Addresses{ip(address)})) << "as large, and a moment later";
  }
  ASSERT_EQ(::unlink(path("hosts").c_str()), 0);
  EXPECT_TRUE(files_.hosts().find("redis").empty());
}

TEST_F(Files, ThatCannotBeReadAnyMoreLeaveWhatTheySaidLast) {
  write("hosts", "10.0.0.1 redis\n");
  write("resolv.conf", "nameserver 10.0.0.53\n");
  EXPECT_EQ(files_.hosts().find("redis").size(), 1U);
  EXPECT_EQ(files_.resolv_conf().servers.size(), 1U);
  for (const char* name : {"hosts", "resolv.conf"}) {
    ASSERT_EQ(::unlink(path(name).c_str()), 0);
    ASSERT_EQ(::mkfifo(path(name).c_str(), 0600), 0);
  }
  EXPECT_EQ(files_.hosts().find("redis").size(), 1U) << "and nobody waits for a writer";
  EXPECT_EQ(files_.resolv_conf().servers[0], ip("10.0.0.53", 53));
}

TEST_F(Files, WithoutAServerMeanThisHost) {
  EXPECT_EQ(files_.resolv_conf().servers, (Addresses{ip("127.0.0.1", 53)}));
}

TEST_F(Files, GiveEachLookUpAnotherFirstServerWhereTheySay) {
  write("resolv.conf", "nameserver 10.0.0.1\nnameserver 10.0.0.2\n");
  EXPECT_EQ(files_.next_resolv_conf().servers[0], files_.next_resolv_conf().servers[0]);
  write("resolv.conf", "nameserver 10.0.0.1\nnameserver 10.0.0.2\noptions rotate\n");
  EXPECT_NE(files_.next_resolv_conf().servers[0], files_.next_resolv_conf().servers[0]);
}

TEST_F(Files, GiveWayToTheEnvironment) {
  write("resolv.conf", "search zone.test\noptions ndots:1\n");
  ASSERT_EQ(::setenv("LOCALDOMAIN", "other.test", 1), 0);
  ASSERT_EQ(::setenv("RES_OPTIONS", "ndots:4", 1), 0);
  EXPECT_EQ(files_.resolv_conf().search, (std::vector<std::string>{"other.test"}));
  EXPECT_EQ(files_.resolv_conf().ndots, 4U);
  ::unsetenv("LOCALDOMAIN");
  ::unsetenv("RES_OPTIONS");
}

}  // namespace
}  // namespace amb
