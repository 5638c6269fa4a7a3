// SPDX-License-Identifier: Apache-2.0
//
// What is known of names, and for how long: until a file changes, a moment passes, or somebody asks anew.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "unit/discovery/resolving.h"
#include "unit/discovery/scripted_server.h"
#include "unit/discovery/temporary_folder.h"

namespace amb {
namespace {

using namespace test;

/// Addresses that are good for longer than any test lasts.
ScriptedServer::Script always(const std::string& address) {
  return [=](const Question& question) -> std::vector<std::string> {
    return {(question.type == ns_t_a ? Reply(question).a(address, 600) : Reply(question)).bytes()};
  };
}
const ScriptedServer::Script kSaysFive = always("10.0.0.5"), kSaysSix = always("10.0.0.6");
std::vector<std::string> failure(const Question& question) {
  return {Reply(question, ns_r_servfail).bytes()};
}

const Said kFive = {"0 leads to 10.0.0.5:80"};
const Said kMoved = {"0 leads to 10.0.0.6:80", "redis moved from 10.0.0.5:0 to 10.0.0.6:0"};

TEST(LinkResolverFiles, AChangeOfTheHostsFileIsFollowedAtOnceHoweverLongAnAnswerIsGoodFor) {
  with_scripted_server(kSaysFive, [](ScriptedServer&, const ResolverFiles& files) {
    Resolving resolving({leading_to({named("redis", 80)})});
    resolving->start();
    EXPECT_EQ(resolving.said(1), kFive);
    files.hosts("10.0.0.6 redis\n");
    EXPECT_EQ(resolving.said(2), kMoved);
    files.hosts("");
    EXPECT_EQ(resolving.said(2), (Said{kFive[0], "redis moved from 10.0.0.6:0 to 10.0.0.5:0"}));
  });
}

TEST(LinkResolverFiles, AHostsFileThatIsReplacedIsFollowedAtOnce) {
  in_network_namespace([] {
    const TemporaryFolder etc;
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    etc.write("hosts", "");
    etc.write("resolv.conf", "nameserver 127.0.0.1\n");
    ASSERT_EQ(::mount(etc.path().c_str(), "/etc", nullptr, MS_BIND, nullptr), 0);
    const ScriptedServer server(kSaysFive);
    {
      Resolving resolving({leading_to({named("redis", 80)})});
      resolving->start();
      EXPECT_EQ(resolving.said(1), kFive);
      etc.write("hosts.new", "10.0.0.6 redis\n");
      etc.rename("hosts.new", "hosts");
      EXPECT_EQ(resolving.said(2), kMoved);
    }
    EXPECT_EQ(::umount2("/etc", MNT_DETACH), 0);
  });
}

TEST(LinkResolverFiles, AnotherNameServerIsAskedAtOnce) {
  with_scripted_server(kSaysFive, [](ScriptedServer&, const ResolverFiles& files) {
    const ScriptedServer other(kSaysSix, "127.0.0.2");
    Resolving resolving({leading_to({named("redis", 80)})});
    resolving->start();
    EXPECT_EQ(resolving.said(1), kFive);
    files.resolv_conf("nameserver 127.0.0.2\n");
    EXPECT_EQ(resolving.said(2), kMoved);
  });
}

TEST(LinkResolverFiles, AChangeCountsForWhoeverAsksAfterIt) {
  with_scripted_server(failure, [](ScriptedServer&, const ResolverFiles& files) {
    Resolving resolving({leading_to({named("redis", 80)})});
    resolving->start();
    EXPECT_EQ(resolving.said(1), (Said{"redis failed"}));
    files.hosts("10.0.0.5 redis\n");
    resolving->want(0);  // nothing has run since, that could have seen the change
    EXPECT_EQ(resolving.said(1), kFive);
  });
}

TEST(LinkResolverFiles, ThatCannotBeWatchedAreToldOfAndNoObstacle) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("10.0.0.5 redis\n");
    Resolving resolving({leading_to({named("redis", 80)})});
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    resolving->start();
    const Said said = resolving.said(3);
    ASSERT_EQ(said.size(), 3U);
    EXPECT_TRUE(said[0].starts_with("/etc/hosts is not watched: cannot start inotify")) << said[0];
    EXPECT_TRUE(said[1].starts_with("/etc/resolv.conf is not watched: ")) << said[1];
    EXPECT_EQ(said[2], "redis failed");
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(resolving.said(1), kFive) << "the clock serves";
  });
}

TEST(LinkResolverFiles, AreNotWatchedWithoutNames) {
  Resolving resolving({leading_to({at("10.0.0.1", 1)})});
  resolving->start();
  EXPECT_EQ(resolving.io().run(), 0U) << "nothing is waited for";
}

TEST(WantedName, ThatHadNoAddressAMomentAgoIsAnsweredForAtOnce) {
  with_scripted_server(failure, [](ScriptedServer& server, const ResolverFiles&) {
    Resolving resolving({leading_to({named("redis", 80)})});
    resolving->start();
    (void)resolving.said(1);
    const std::size_t questions = server.questions_of(ns_t_a);
    for (int i = 0; i < 500; ++i) resolving->want(0);
    EXPECT_EQ(resolving.said(0), Said(500, "0 leads to nothing"));
    EXPECT_EQ(server.questions_of(ns_t_a), questions);
  });
}

TEST(WantedName, IsAskedForOnceHoweverManySessionsWantIt) {
  with_scripted_server(kSaysFive, [](ScriptedServer& server, const ResolverFiles&) {
    Resolving resolving({leading_to({named("redis", 80)})});
    resolving->start();
    EXPECT_EQ(resolving.said(1), kFive);
    for (int i = 0; i < 500; ++i) resolving->want(0);
    EXPECT_EQ(resolving.said(1), kFive) << "one answer for all of them";
    EXPECT_EQ(server.questions_of(ns_t_a), 2U);
  });
}

TEST(WantedName, ThatHasMovedIsFollowedThoughItsAnswerWasGoodForLonger) {
  with_scripted_server(kSaysFive, [](ScriptedServer& server, const ResolverFiles&) {
    Resolving resolving({leading_to({named("redis", 80)})});
    resolving->start();
    EXPECT_EQ(resolving.said(1), kFive);
    server.says(kSaysSix);
    resolving->want(0);
    EXPECT_EQ(resolving.said(2), kMoved);
  });
}

TEST(LinkSettings, AreOfTheLinkAndAMoveIsToldOnce) {
  with_scripted_server(kSaysFive, [](ScriptedServer& server, const ResolverFiles& files) {
    Link patient = leading_to({named("redis", 80)}), hasty = patient;
    hasty.options.empty_grace = std::chrono::milliseconds(0);
    Resolving resolving({patient, hasty});
    resolving->start();
    (void)resolving.said(2);
    files.hosts("10.0.0.6 redis\n");
    Said said = resolving.said(3);
    std::ranges::sort(said);
    EXPECT_EQ(said, (Said{"0 leads to 10.0.0.6:80", "1 leads to 10.0.0.6:80", kMoved[1]}));
    server.says([](const Question& question) -> std::vector<std::string> {
      return {Reply(question, ns_r_nxdomain).bytes()};
    });
    files.hosts("");
    said = resolving.said(4);
    std::ranges::sort(said);
    EXPECT_EQ(said, (Said{"1 leads to nothing", "redis failed", "redis failed and keeps its addresses",
                          "redis moved from 10.0.0.6:0 to nothing"}));
  });
}

}  // namespace
}  // namespace amb
