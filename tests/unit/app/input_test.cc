// SPDX-License-Identifier: Apache-2.0
#include "app/input.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "unit/support/child.h"

namespace amb {
namespace {

/// Its words are few; the environment is the child's.
void with_environment(std::vector<std::string> entries, auto body) {
  test::in_child([&] {
    std::vector<char*> variables;
    for (std::string& entry : entries) variables.push_back(entry.data());
    variables.push_back(nullptr);
    environ = variables.data();
    body();
  });
}

using Variables = std::vector<std::pair<std::string, std::string>>;

TEST(Input, HoldsTheWordsAndTheEnvironmentInTheirOrder) {
  with_environment({"B_PORT_2_TCP=tcp://b:2", "A_PORT_1_TCP=tcp://a:1?listen=unix:///x", "EMPTY="}, [] {
    const WiringInput input = read_input({"redis", "6379"});
    EXPECT_EQ(input.arguments, (std::vector<std::string>{"redis", "6379"}));
    EXPECT_EQ(input.environment, (Variables{{"B_PORT_2_TCP", "tcp://b:2"},
                                            {"A_PORT_1_TCP", "tcp://a:1?listen=unix:///x"},
                                            {"EMPTY", ""}}));
  });
}

TEST(Input, LeavesOutEntriesThatAreNoVariable) {
  with_environment({"NOTHING", "A=1"},
                   [] { EXPECT_EQ(read_input({}).environment, (Variables{{"A", "1"}})); });
}

TEST(Input, TakesValuesAsTheyAre) {
  with_environment({"A=$(reboot) `id` \n\x1b[2J\xff"}, [] {
    EXPECT_EQ(read_input({}).environment, (Variables{{"A", "$(reboot) `id` \n\x1b[2J\xff"}}));
  });
}

TEST(Input, WorksWithoutAnyEnvironment) {
  with_environment({}, [] { EXPECT_TRUE(read_input({}).environment.empty()); });
}

TEST(Input, HoldsTheHostsFileAndWhoWeAre) {
  const WiringInput input = read_input({});
  std::ostringstream hosts;
  hosts << std::ifstream("/etc/hosts").rdbuf();
  EXPECT_EQ(input.hosts_path, "/etc/hosts");
  EXPECT_EQ(input.hosts_text, hosts.str());
  std::array<char, 256> name{};
  ASSERT_EQ(::gethostname(name.data(), name.size()), 0);
  EXPECT_EQ(input.hostname, name.data());
  EXPECT_NE(std::ranges::count(input.own_addresses, *SocketAddress::from_ip("127.0.0.1", 0)), 0);
}

}  // namespace
}  // namespace amb
