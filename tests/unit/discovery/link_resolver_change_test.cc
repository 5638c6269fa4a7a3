// SPDX-License-Identifier: Apache-2.0
//
// Links that come, go and lead to other names while the resolver runs: what is known stays known, what is new
// is asked for, and nothing else is.
#include <gtest/gtest.h>

#include "unit/discovery/resolving.h"
#include "unit/discovery/scripted_server.h"

namespace amb {
namespace {

using namespace test;

/// Says 10.0.0.5 for every name, good for longer than any test lasts.
std::vector<std::string> five(const Question& question) {
  return {(question.type == ns_t_a ? Reply(question).a("10.0.0.5", 600) : Reply(question)).bytes()};
}
std::vector<std::string> silence(const Question&) { return {}; }

const Said kRedis = {"0 leads to 10.0.0.5:6379"};

TEST(LinkResolverChange, ANameThatWasKnownIsKnownAtOnceAtAnotherPort) {
  with_scripted_server(five, [](ScriptedServer& server, const ResolverFiles&) {
    Resolving resolving({leading_to({named("redis", 6379)})});
    resolving->start();
    EXPECT_EQ(resolving.said(1), kRedis);
    server.says(silence);
    resolving.change(0, leading_to({named("redis", 6380), at("10.0.0.9", 1)}));
    EXPECT_EQ(resolving.known(0), " 10.0.0.5:6380 10.0.0.9:1");
    EXPECT_EQ(server.questions_of(ns_t_a), 1U) << "and nobody is asked";
    EXPECT_EQ(resolving.said(0), Said{});
  });
}

TEST(LinkResolverChange, AnotherNameIsLookedUpAndToldOf) {
  with_scripted_server(five, [](ScriptedServer& server, const ResolverFiles&) {
    Resolving resolving({leading_to({at("10.0.0.1", 1)})});
    resolving->start();
    resolving.change(0, leading_to({named("redis", 6379)}));
    EXPECT_EQ(resolving.known(0), " nothing");
    EXPECT_EQ(resolving.said(1), kRedis);
    EXPECT_EQ(server.questions_of(ns_t_a), 1U);
  });
}

TEST(LinkResolverChange, OnlyTheNewNamesOfALinkAreAskedFor) {
  with_scripted_server(five, [](ScriptedServer& server, const ResolverFiles&) {
    Resolving resolving({leading_to({named("redis", 6379)})});
    resolving->start();
    EXPECT_EQ(resolving.said(1), kRedis);
    resolving.change(0, leading_to({named("redis", 6379), named("other", 80)}));
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.5:6379 10.0.0.5:80"}));
    EXPECT_EQ(server.questions_of(ns_t_a), 2U);
  });
}

TEST(LinkResolverChange, ALinkThatComesSharesTheNamesOfOthers) {
  with_scripted_server(five, [](ScriptedServer& server, const ResolverFiles&) {
    Resolving resolving({leading_to({named("redis", 6379)})});
    resolving->start();
    EXPECT_EQ(resolving.said(1), kRedis);
    server.says(silence);
    resolving.add(leading_to({named("redis", 80)}));
    EXPECT_EQ(resolving.known(1), " 10.0.0.5:80");
    resolving.remove(0);
    EXPECT_EQ(resolving.known(1), " 10.0.0.5:80");
    server.says(five);
    resolving->want(1);
    EXPECT_EQ(resolving.said(1), (Said{"1 leads to 10.0.0.5:80"}));
  });
}

TEST(LinkResolverChange, ALinkThatWentIsTalkedOfNoMore) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("10.0.0.5 redis other\n");
    Resolving resolving({leading_to({named("redis", 6379)}), leading_to({named("other", 1)})});
    resolving->start();
    resolving.remove(0);  // its question is under way
    resolving->want(0);
    EXPECT_EQ(resolving.said(1), (Said{"1 leads to 10.0.0.5:1"}));
    files.hosts("10.0.0.6 redis other\n");
    resolving->want(1);
    EXPECT_EQ(resolving.said(2),
              (Said{"1 leads to 10.0.0.6:1", "other moved from 10.0.0.5:0 to 10.0.0.6:0"}));
  });
}

TEST(LinkResolverChange, NobodyHearsTheAnswerToAQuestionThatNoLinkHasAnyMore) {
  with_scripted_server(five, [](ScriptedServer&, const ResolverFiles&) {
    Resolving resolving({leading_to({named("redis", 6379)}), leading_to({named("redis", 80)})});
    resolving->want(0);
    resolving.change(0, leading_to({at("10.0.0.1", 1)}));
    resolving.remove(1);
    resolving.io().run();  // ends, for nothing is waited for any more
    EXPECT_EQ(resolving.said(0), Said{});
    resolving->want(0);
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.1:1"}));
  });
}

TEST(LinkResolverChange, WhoWantedToKnowOfOldTargetsHearsOnlyOfTheNew) {
  with_scripted_server(silence, [](ScriptedServer& server, const ResolverFiles&) {
    Resolving resolving({leading_to({named("slow", 1)})});
    resolving->start();
    resolving->want(0);
    server.says(five);
    resolving.change(0, leading_to({named("redis", 6379)}));
    EXPECT_EQ(resolving.said(1), kRedis);
    resolving->want(0);
    EXPECT_EQ(resolving.said(1), kRedis) << "and is answered about them";
  });
}

TEST(LinkResolverChange, TheFallbackOfANewNameIsForWhenItHasNoAnswer) {
  without_name_server([](const ResolverFiles&) {
    Resolving resolving({leading_to({at("10.0.0.1", 1)})});
    resolving->start();
    Target target = named("redis", 6379);
    target.fallback = ip("10.0.0.9");
    resolving.change(0, leading_to({target}));
    EXPECT_EQ(resolving.known(0), " nothing") << "it has not been asked for";
    EXPECT_EQ(resolving.said(2), (Said{"0 leads to 10.0.0.9:6379", "redis failed"}));
  });
}

TEST(LinkResolverChange, ANameThatComesBackIsANewOne) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("10.0.0.5 redis\n");
    Resolving resolving({leading_to({named("redis", 6379)})});
    resolving->start();
    EXPECT_EQ(resolving.said(1), kRedis);
    resolving.change(0, leading_to({at("10.0.0.1", 1)}));
    files.hosts("10.0.0.6 redis\n");
    resolving.change(0, leading_to({named("redis", 6379)}));
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.6:6379"}))
        << "that it has moved is no news to anybody";
  });
}

TEST(LinkResolverChange, ANewListenerOfOursIsNoEndpoint) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("127.0.0.1 redis\n");
    Resolving resolving({leading_to({named("redis", 80)})});
    resolving->start();
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to 127.0.0.1:80"}));
    resolving->set_listeners({ip("127.0.0.1", 80)});
    resolving->want(0);
    EXPECT_EQ(resolving.said(2).at(0), "0 may not lead to 127.0.0.1:80");
  });
}

TEST(LinkResolverChange, OtherSettingsOfANameAreAWatchOfTheirOwn) {
  with_scripted_server(five, [](ScriptedServer& server, const ResolverFiles&) {
    Link link = leading_to({named("redis", 6379)});
    Resolving resolving({link});
    resolving->start();
    EXPECT_EQ(resolving.said(1), kRedis);
    link.options.max_ttl = std::chrono::seconds(1);
    resolving.change(0, link);
    EXPECT_EQ(resolving.said(1), kRedis);
    EXPECT_EQ(server.questions_of(ns_t_a), 2U);
  });
}

}  // namespace
}  // namespace amb
