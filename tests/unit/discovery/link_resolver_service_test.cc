// SPDX-License-Identifier: Apache-2.0
//
// Links that lead to a service: SRV records, and the addresses of the hosts in them.
#include <gtest/gtest.h>

#include "unit/discovery/resolving.h"
#include "unit/discovery/scripted_server.h"

namespace amb {
namespace {

using namespace test;
using Replies = std::vector<std::string>;

struct Record {
  unsigned priority, weight, port;
  std::string host;
};

/// Names such as ten-5.test are 10.0.0.5.
ScriptedServer::Script offering(std::vector<Record> records) {
  return [records = std::move(records)](const Question& question) -> Replies {
    Reply reply(question);
    for (const auto& [priority, weight, port, host] : records)
      if (question.type == ns_t_srv) reply.srv(priority, weight, port, host, 600);
    const std::string number = question.name.substr(question.name.find('-') + 1);
    if (question.type == ns_t_a) reply.a("10.0.0." + number.substr(0, number.find('.')), 600);
    return {reply.bytes()};
  };
}

TEST(LinkToAService, LeadsToItsServersByPriority) {
  const std::vector<Record> records = {
      {20, 0, 6380, "ten-7.test"}, {10, 1, 6379, "ten-6.test"}, {10, 3, 6379, "ten-5.test"}};
  with_scripted_server(offering(records), [](ScriptedServer&, const ResolverFiles&) {
    Resolving resolving({leading_to({service("_redis._tcp.test")})});
    EXPECT_EQ(text_of(resolving->known_endpoints(0)), " nothing");
    resolving->want(0);
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.5:6379 10.0.0.6:6379 10.0.0.7:6380"}));
    ASSERT_EQ(resolving.endpoints().size(), 3U);
    EXPECT_EQ(resolving.endpoints()[2].tier, 1);
    EXPECT_TRUE(resolving.endpoints()[2].is_service);
    EXPECT_EQ(resolving.endpoints()[0].weight, 3 * resolving.endpoints()[1].weight);
  });
}

TEST(LinkToAService, IsOneNameWhoseAnswersAreTold) {
  with_scripted_server(offering({{0, 0, 80, "ten-5.test"}}), [](ScriptedServer&, const ResolverFiles&) {
    Resolving resolving({leading_to({service("_x._tcp.test")})});
    resolving->want(0);
    resolving.said(1);
    ASSERT_EQ(resolving->names().size(), 1U) << "its hosts are not told";
    EXPECT_EQ(resolving->names()[0].name, "_x._tcp.test");
    EXPECT_FALSE(resolving->names()[0].is_failing);
  });
}

TEST(LinkToAService, LeadsToOtherTargetsBesideIt) {
  with_scripted_server(offering({{0, 0, 80, "ten-5.test"}}), [](ScriptedServer&, const ResolverFiles&) {
    Resolving resolving({leading_to({at("10.9.9.9", 1), service("_x._tcp.test")})});
    resolving->want(0);
    EXPECT_EQ(resolving.said(2), (Said{"0 leads to 10.9.9.9:1", "0 leads to 10.9.9.9:1 10.0.0.5:80"}));
    EXPECT_EQ(resolving.endpoints().back().target, 1U);
  });
}

TEST(LinkToAService, FollowsItAndSaysSoInOneLine) {
  with_scripted_server(
      offering({{0, 0, 80, "ten-5.test"}}), [](ScriptedServer& server, const ResolverFiles&) {
        Resolving resolving({leading_to({service("_x._tcp.test")})});
        resolving->start();
        EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.5:80"}));
        server.says(offering({{0, 0, 81, "ten-6.test"}}));
        resolving->want(0);
        EXPECT_EQ(resolving.said(2),
                  (Said{"0 leads to 10.0.0.6:81", "_x._tcp.test moved from 10.0.0.5:80 to 10.0.0.6:81"}));
      });
}

TEST(LinkToAService, SaysOfOtherWeightsThatItLeadsElsewhereButNotThatAnythingMoved) {
  with_scripted_server(offering({{0, 1, 80, "ten-5.test"}}),
                       [](ScriptedServer& server, const ResolverFiles& files) {
                         Resolving resolving({leading_to({service("_x._tcp.test")})});
                         resolving->start();
                         (void)resolving.said(1);
                         const auto before = resolving.endpoints();
                         server.says(offering({{0, 2, 80, "ten-5.test"}}));
                         files.hosts("");  // so that everything is asked for anew
                         EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.5:80"}));
                         EXPECT_NE(resolving.endpoints(), before);
                       });
}

TEST(LinkToAService, KeepsItsServersWhileTheNameServerFails) {
  with_scripted_server(offering({{0, 0, 80, "ten-5.test"}}), [](ScriptedServer& server,
                                                                const ResolverFiles&) {
    Resolving resolving({leading_to({service("_x._tcp.test")})});
    resolving->start();
    (void)resolving.said(1);
    server.says([](const Question& question) -> Replies { return {Reply(question, ns_r_servfail).bytes()}; });
    resolving->want(0);
    Said said = resolving.said(3);
    std::ranges::sort(said);
    EXPECT_EQ(said, (Said{"0 leads to 10.0.0.5:80", "_x._tcp.test failed and keeps its addresses",
                          "ten-5.test failed and keeps its addresses"}));
  });
}

TEST(LinkToAService, IsAnsweredForWhenThereIsNoSuchService) {
  with_scripted_server(offering({}), [](ScriptedServer& server, const ResolverFiles&) {
    Resolving resolving({leading_to({service("_x._tcp.test")})});
    resolving->want(0);
    EXPECT_EQ(resolving.said(2), (Said{"0 leads to nothing", "_x._tcp.test failed"}));
    EXPECT_EQ(server.questions_of(ns_t_a), 0U);
  });
}

TEST(LinkToAService, MayNotLeadBackToUs) {
  with_scripted_server(
      [](const Question& question) -> Replies {
        Reply reply(question);
        if (question.type == ns_t_srv) reply.srv(0, 0, 6379, "evil.test").srv(0, 0, 80, "evil.test");
        if (question.type == ns_t_a) reply.a("127.0.0.1").a("169.254.169.254");
        return {reply.bytes()};
      },
      [](ScriptedServer&, const ResolverFiles&) {
        Resolving resolving({leading_to({service("_x._tcp.test")})});
        resolving->want(0);
        Said said = resolving.said(4);
        std::ranges::sort(said);
        EXPECT_EQ(said,
                  (Said{"0 leads to 127.0.0.1:80", "0 may not lead to 127.0.0.1:6379",
                        "0 may not lead to 169.254.169.254:6379", "0 may not lead to 169.254.169.254:80"}));
      });
}

TEST(LinkToAService, TakesTheNamesOfItsServersAsTheyAreWritten) {
  with_scripted_server(offering({{0, 0, 80, "ten-5"}}),
                       [](ScriptedServer& server, const ResolverFiles& files) {
                         files.resolv_conf("nameserver 127.0.0.1\nsearch zone.test\n");
                         Resolving resolving({leading_to({service("_x._tcp.test")})});
                         resolving->want(0);
                         EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.5:80"}));
                         for (const Question& question : server.asked())
                           EXPECT_EQ(question.name.find("zone"), std::string::npos);
                       });
}

}  // namespace
}  // namespace amb
