// SPDX-License-Identifier: Apache-2.0
#include "wiring/hosts_file.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

TEST(HostsFile, GivesAddressesWithTheirNamesAndLines) {
  const auto entries =
      parse_hosts("127.0.0.1\tlocalhost\n\n# none\n172.17.0.2\tredis 3f2a9c redis_1 # linked\n");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].line, 4U);
  EXPECT_EQ(entries[1].address.host(), "172.17.0.2");
  EXPECT_EQ(entries[1].names, (std::vector<std::string>{"redis", "3f2a9c", "redis_1"}));
}

TEST(HostsFile, PassesOverWhatIsNoEntry) {
  EXPECT_TRUE(parse_hosts("").empty());
  EXPECT_TRUE(
      parse_hosts("redis 172.17.0.2\n10.0.0.1\n10.0.0.1 # redis\n300.0.0.1 x\nfe80::1%lo x\n").empty());
}

TEST(HostsFile, TakesLinesFromElsewhereAndTheLastOneWithoutAnEnd) {
  const auto entries = parse_hosts("  10.0.0.1   a\r\n\tfd00::1 b");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].names, std::vector<std::string>{"a"});
  EXPECT_EQ(entries[1].address.host(), "fd00::1");
}

}  // namespace
}  // namespace amb
