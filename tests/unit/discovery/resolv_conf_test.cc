// SPDX-License-Identifier: Apache-2.0
#include "discovery/resolv_conf.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using Texts = std::vector<std::string>;

ResolvConf read(std::string_view text) {
  ResolvConf conf;
  conf.read(text);
  return conf;
}

Texts servers_of_conf(const ResolvConf& conf) {
  Texts texts;
  for (const SocketAddress& server : conf.servers) texts.push_back(server.to_string());
  return texts;
}

TEST(ResolvConf, IsReadAsGlibcReadsIt) {
  const ResolvConf conf = read(
      "# a comment\n; another\n"
      "nameserver 10.0.0.1\nnameserver\tfd00::1 # not a word of it\n"
      "search zone.test other.test.\n"
      "options ndots:5 timeout:2 attempts:3 rotate use-vc edns0\n");
  EXPECT_EQ(servers_of_conf(conf), (Texts{"10.0.0.1:53", "[fd00::1]:53"}));
  EXPECT_EQ(conf.search, (Texts{"zone.test", "other.test"}));
  EXPECT_EQ(conf.ndots, 5U);
  EXPECT_EQ(conf.timeout, std::chrono::seconds(2));
  EXPECT_EQ(conf.attempts, 3);
  EXPECT_TRUE(conf.rotates);
  EXPECT_TRUE(conf.uses_tcp);
}

TEST(ResolvConf, HasThreeServersAtMost) {
  EXPECT_EQ(read("nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4\n")
                .servers.size(),
            3U);
}

TEST(ResolvConf, KnowsTheZoneOfALinkLocalServer) {
  const ResolvConf conf = read("nameserver fe80::1%lo\n");
  ASSERT_EQ(conf.servers.size(), 1U);
  EXPECT_TRUE(conf.servers[0].is_link_local());
  EXPECT_NE(conf.servers[0], *SocketAddress::from_ip("fe80::1", 53)) << "the zone is a part of it";
}

TEST(ResolvConf, PassesOverWhatIsMalformed) {
  const ResolvConf conf =
      read("nameserver\nnameserver ten\nnameserver 10.0.0.300\nsearch . ..  .corp a..b zone.test " +
           std::string(64, 'x') +
           "\noptions ndots:x timeout: attempts:99 ndots:99\noptions\ngarbage \x01\xff\nnameserver 10.0.0.1");
  EXPECT_EQ(servers_of_conf(conf), (Texts{"10.0.0.1:53"}));
  EXPECT_EQ(conf.search, (Texts{"zone.test"}));
  EXPECT_EQ(conf.ndots, 15U) << "as glibc bounds it";
  EXPECT_EQ(conf.timeout, std::chrono::seconds(1));
  EXPECT_EQ(conf.attempts, 5);
}

TEST(ResolvConf, TakesTheLastOfSearchAndDomain) {
  EXPECT_EQ(read("search one.test two.test\ndomain three.test four.test\n").search, (Texts{"three.test"}));
  EXPECT_EQ(read("domain three.test\nsearch one.test two.test\n").search, (Texts{"one.test", "two.test"}));
  EXPECT_EQ(read("domain three.test\nsearch .\n").search, Texts()) << "the root is no domain to append";
}

struct Asked {
  std::string name;
  std::size_t ndots;
  Texts names;
  const char* because;
};

void PrintTo(const Asked& one, std::ostream* out) { *out << one.because; }

class NamesToAsk : public testing::TestWithParam<Asked> {};

TEST_P(NamesToAsk, AreTheSearchListsAndTheNameAsItStands) {
  ResolvConf conf;
  conf.search = {"a.test", "b.test"};
  conf.ndots = GetParam().ndots;
  EXPECT_EQ(names_to_ask(GetParam().name, conf, SearchList::used), GetParam().names) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Names, NamesToAsk,
    testing::Values(Asked{"db", 1, {"db.a.test", "db.b.test", "db"}, "a short name stands last"},
                    Asked{"db.zone", 1, {"db.zone", "db.zone.a.test", "db.zone.b.test"}, "a long one first"},
                    Asked{"db.zone", 5, {"db.zone.a.test", "db.zone.b.test", "db.zone"}, "ndots decides"},
                    Asked{"db", 0, {"db", "db.a.test", "db.b.test"}, "even for no dot"},
                    Asked{"db.", 5, {"db."}, "a dot at the end means it"},
                    Asked{std::string(60, 'x') + "." + std::string(60, 'x') + "." + std::string(60, 'x') +
                              "." + std::string(60, 'x') + "." + "xxxxx",
                          5,
                          {std::string(60, 'x') + "." + std::string(60, 'x') + "." + std::string(60, 'x') +
                           "." + std::string(60, 'x') + "." + "xxxxx"},
                          "a name that would be too long is left out"}));

TEST(NamesToAskOfAHostInFull, AreItself) {
  ResolvConf conf;
  conf.search = {"a.test"};
  EXPECT_EQ(names_to_ask("db", conf, SearchList::ignored), (Texts{"db"}));
}

}  // namespace
}  // namespace amb
