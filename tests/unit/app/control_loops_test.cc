// SPDX-License-Identifier: Apache-2.0
#include "app/control_loops.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "unit/discovery/temporary_folder.h"
#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;
namespace fs = std::filesystem;

Link link_to(const Target& target) {
  Link link;
  link.name = "x";
  link.targets = {Target{.text = "tcp://elsewhere:1", .name = "elsewhere", .port = 1}, target};
  link.origins = {Origin{}};
  return link;
}

Target unix_target(const std::string& path) {
  return {.text = "unix://" + path, .address = SocketAddress::from_path(path)};
}

Target ip_target(const char* host, std::uint16_t port) {
  return {.text = host, .port = port, .address = ip(host, port)};
}

bool loops(const Target& target, const SocketAddress& control) {
  const std::vector<Link> links{link_to(target)};
  return !find_control_loops(links, std::vector{control}).empty();
}

class ControlLoop : public testing::Test {
 protected:
  bool loops_to(const std::string& path) const {
    return loops(unix_target(path), *SocketAddress::from_path(folder_ / "c.sock"));
  }
  TemporaryFolder folder_;
};

TEST_F(ControlLoop, IsFoundInEverySpellingBeforeAndAfterTheSocketIsThere) {
  fs::create_directory_symlink(folder_.path(), folder_ / "again");
  for (const bool is_there : {false, true}) {
    if (is_there) folder_.write("c.sock", "");
    EXPECT_TRUE(loops_to(folder_ / "c.sock"));
    EXPECT_TRUE(loops_to(folder_.path().string() + "//./c.sock"));
    EXPECT_TRUE(loops_to(folder_ / "again/c.sock"));
    EXPECT_FALSE(loops_to(folder_ / "d.sock"));
    EXPECT_FALSE(loops_to(folder_ / "missing/c.sock"));
  }
  fs::create_symlink(folder_ / "c.sock", folder_ / "innocent");
  EXPECT_TRUE(loops_to(folder_ / "innocent"));
}

TEST_F(ControlLoop, IsFoundByAbstractName) {
  const auto control = *SocketAddress::from_path("@ambassador-control-0");
  EXPECT_TRUE(loops(unix_target("@ambassador-control-0"), control));
  EXPECT_FALSE(loops(unix_target("@ambassador-control-1"), control));
}

TEST_F(ControlLoop, IsFoundByEveryOwnAddress) {
  EXPECT_TRUE(loops(ip_target("127.0.0.1", 9900), ip("127.0.0.1", 9900)));
  EXPECT_TRUE(loops(ip_target("::ffff:127.0.0.1", 9900), ip("127.0.0.1", 9900)));
  EXPECT_TRUE(loops(ip_target("127.0.0.9", 9900), ip("0.0.0.0", 9900)));
  EXPECT_TRUE(loops(ip_target("127.0.0.1", 9900), ip("::", 9900)));
  EXPECT_TRUE(loops(ip_target("0.0.0.0", 9900), ip("127.0.0.1", 9900)));
  EXPECT_TRUE(loops({.text = "localhost", .name = "localhost", .port = 9900}, ip("127.0.0.1", 9900)));
  EXPECT_FALSE(loops(ip_target("127.0.0.1", 9901), ip("127.0.0.1", 9900)));
  EXPECT_FALSE(loops(ip_target("192.0.2.1", 9900), ip("0.0.0.0", 9900)));
}

TEST_F(ControlLoop, IsOneProblemOfTheLink) {
  const std::vector<Link> links{link_to(unix_target(folder_ / "c.sock")),
                                link_to(unix_target(folder_ / "d.sock"))};
  const auto problems = find_control_loops(links, std::vector{*SocketAddress::from_path(folder_ / "c.sock")});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].what,
            "unix://" + (folder_ / "c.sock") + " is the control API of this ambassador itself");
  EXPECT_TRUE(find_control_loops(links, {}).empty());
}

}  // namespace
}  // namespace amb
