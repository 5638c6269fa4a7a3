// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_lookup.h"

#include <gtest/gtest.h>

#include "unit/discovery/ask.h"
#include "unit/discovery/name_server.h"

namespace amb {
namespace {

using namespace test;
using Hosts = std::vector<std::string>;
using Kind = NameAnswer::Kind;
using std::chrono::seconds;

TEST(NameLookup, FindsBothFamiliesAndTheShortestTimeToLive) {
  with_name_server({"--host-record=both.test,192.0.2.7,2001:db8::7,40"}, [](const ResolverFiles&) {
    const NameAnswer answer = ask("both.test");
    EXPECT_EQ(answer.kind, Kind::found);
    EXPECT_EQ(hosts(answer), (Hosts{"192.0.2.7", "2001:db8::7"}));
    EXPECT_EQ(answer.ttl, seconds(40));
    EXPECT_EQ(answer.records.front().port(), 0);
  });
}

TEST(NameLookup, FindsANameOfOneFamilyAlone) {
  with_name_server({"--host-record=four.test,192.0.2.4,9", "--host-record=six.test,2001:db8::6,9"},
                   [](const ResolverFiles&) {
                     EXPECT_EQ(hosts(ask("four.test")), (Hosts{"192.0.2.4"}));
                     EXPECT_EQ(hosts(ask("six.test")), (Hosts{"2001:db8::6"}));
                   });
}

TEST(NameLookup, FollowsAnAlias) {
  with_name_server({"--host-record=real.test,192.0.2.7,9", "--cname=alias.test,real.test"},
                   [](const ResolverFiles&) { EXPECT_EQ(hosts(ask("alias.test")), (Hosts{"192.0.2.7"})); });
}

TEST(NameLookup, ReadsTheHostsFileFirst) {
  with_name_server({"--host-record=redis.test,192.0.2.7,9"}, [](const ResolverFiles& files) {
    files.hosts("10.1.2.3 redis.test redis\nfd00::3 redis\n");
    const NameAnswer answer = ask("redis.test");
    EXPECT_EQ(hosts(answer), (Hosts{"10.1.2.3"}));
    EXPECT_EQ(answer.ttl, seconds(0));
    EXPECT_EQ(hosts(ask("redis")), (Hosts{"10.1.2.3", "fd00::3"}));
  });
}

TEST(NameLookup, SeesAHostsFileAndResolvConfThatHaveChanged) {
  with_name_server({"--host-record=db.test,192.0.2.7,9"}, [](const ResolverFiles& files) {
    files.hosts("10.0.0.1 redis\n");
    EXPECT_EQ(hosts(ask("redis")), (Hosts{"10.0.0.1"}));
    files.hosts("10.0.0.2 redis\n");
    EXPECT_EQ(hosts(ask("redis")), (Hosts{"10.0.0.2"}));
    EXPECT_NE(ask("db").kind, Kind::found);
    files.resolv_conf("nameserver 127.0.0.1\nsearch test\n");
    EXPECT_EQ(hosts(ask("db")), (Hosts{"192.0.2.7"}));
  });
}

TEST(NameLookup, TakesAnswersThatAreTooLongForADatagram) {
  std::vector<std::string> records;
  for (int i = 0; i < 200; ++i) records.push_back("--host-record=many.test,10.9.0." + std::to_string(i));
  with_name_server(records, [](const ResolverFiles&) { EXPECT_EQ(ask("many.test").records.size(), 200U); });
}

TEST(NameLookup, TellsThatANameDoesNotExist) {
  with_name_server({}, [](const ResolverFiles&) {
    const NameAnswer answer = ask("missing.test");
    EXPECT_EQ(answer.kind, Kind::none);
    EXPECT_TRUE(answer.records.empty());
    EXPECT_FALSE(answer.error.empty());
  });
}

TEST(NameLookup, TellsThatANameHasNoAddress) {
  with_name_server({"--txt-record=text.test,hello"},
                   [](const ResolverFiles&) { EXPECT_EQ(ask("text.test").kind, Kind::none); });
}

TEST(NameLookup, AnswersManyQuestionsAtOnce) {
  with_name_server({"--host-record=both.test,192.0.2.7,2001:db8::7,40"}, [](const ResolverFiles&) {
    boost::asio::io_context io;
    NameFiles files;
    int found = 0, missing = 0;
    for (int i = 0; i < 50; ++i) {
      look_up_name(io, files, {.name = "both.test"},
                   [&](const NameAnswer& answer) { found += answer.records.size() == 2; });
      look_up_name(io, files, {.name = "missing.test"},
                   [&](const NameAnswer& answer) { missing += answer.kind == Kind::none; });
    }
    io.run();
    EXPECT_EQ(found, 50);
    EXPECT_EQ(missing, 50);
  });
}

}  // namespace
}  // namespace amb
