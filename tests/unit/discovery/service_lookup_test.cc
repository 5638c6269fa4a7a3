// SPDX-License-Identifier: Apache-2.0
#include "discovery/service_lookup.h"

#include <gtest/gtest.h>

#include "unit/discovery/ask.h"
#include "unit/discovery/name_server.h"

namespace amb {
namespace {

using namespace test;
using ServiceKind = ServiceAnswer::Kind;

TEST(ServiceLookup, FindsTheServersOfAService) {
  with_name_server({"--srv-host=_redis._tcp.test,b.test,6380,20,5",
                    "--srv-host=_redis._tcp.test,a.test,6379,10,1", "--local-ttl=40"},
                   [](const ResolverFiles&) {
                     const ServiceAnswer answer = ask_service("_redis._tcp.test");
                     EXPECT_EQ(answer.kind, ServiceKind::found);
                     EXPECT_EQ(servers(answer.records), "10 1 a.test:6379, 20 5 b.test:6380");
                     EXPECT_EQ(answer.ttl, std::chrono::seconds(40));
                   });
}

TEST(ServiceLookup, FindsAServiceOfTheSearchList) {
  with_name_server({"--srv-host=_redis._tcp.zone.test,a.test,6379"}, [](const ResolverFiles& files) {
    files.resolv_conf("nameserver 127.0.0.1\nsearch zone.test\noptions ndots:5\n");
    EXPECT_EQ(servers(ask_service("_redis._tcp").records), "0 0 a.test:6379");
  });
}

TEST(ServiceLookup, TakesAnswersThatAreTooLongForADatagram) {
  std::vector<std::string> records;
  for (int i = 0; i < 40; ++i)
    records.push_back("--srv-host=_redis._tcp.test,server-" + std::to_string(i) + ".test,6379");
  with_name_server(
      records, [](const ResolverFiles&) { EXPECT_EQ(ask_service("_redis._tcp.test").records.size(), 40U); });
}

TEST(ServiceLookup, TellsThatThereIsNoSuchService) {
  with_name_server({"--host-record=host.test,192.0.2.7", "--srv-host=_gone._tcp.test"},
                   [](const ResolverFiles&) {
                     for (const char* name : {"_redis._tcp.test", "host.test", "_gone._tcp.test"}) {
                       const ServiceAnswer answer = ask_service(name);
                       EXPECT_EQ(answer.kind, ServiceKind::none) << name;
                       EXPECT_FALSE(answer.error.empty());
                     }
                   });
}

TEST(ServiceLookup, TellsAFailureFromAServiceThatDoesNotExist) {
  with_name_server({}, [](const ResolverFiles& files) {
    EXPECT_EQ(ask_service("_redis._tcp.example").kind, ServiceKind::failed)
        << "refused: it is not the server's own";
    files.resolv_conf("nameserver 127.0.0.1\nsearch test\n");
    EXPECT_EQ(ask_service("_redis._tcp.example").kind, ServiceKind::failed)
        << "the search list does not excuse it";
    files.resolv_conf("nameserver 127.0.0.9\n");
    EXPECT_EQ(ask_service("_redis._tcp.test").kind, ServiceKind::failed) << "nobody is there to be asked";
  });
}

TEST(ServiceLookup, DoesNoHarmWithAStrangeName) {
  with_name_server({}, [](const ResolverFiles&) {
    for (const std::string& name : {std::string(), std::string("."), std::string("..test"),
                                    std::string(64, 'x') + ".test", std::string(300, 'x')}) {
      EXPECT_NE(ask_service(name).kind, ServiceKind::found) << name;
    }
  });
}

}  // namespace
}  // namespace amb
