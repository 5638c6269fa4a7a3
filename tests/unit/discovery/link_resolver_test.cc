// SPDX-License-Identifier: Apache-2.0
#include "discovery/link_resolver.h"

#include <gtest/gtest.h>

#include "unit/discovery/resolving.h"

namespace amb {
namespace {

using namespace test;

TEST(LinkResolver, KnowsLiteralsWithoutAskingAnybody) {
  Resolving resolving({leading_to({at("10.0.0.1", 1), at("10.0.0.2", 2)}), leading_to({named("redis", 3)})});
  EXPECT_EQ(text_of(resolving->known_endpoints(0)), " 10.0.0.1:1 10.0.0.2:2");
  EXPECT_EQ(text_of(resolving->known_endpoints(1)), " nothing");
  EXPECT_FALSE(LinkResolver::has_names(leading_to({at("10.0.0.1", 1)})));
  EXPECT_TRUE(LinkResolver::has_names(leading_to({at("10.0.0.1", 1), named("redis", 3)})));
}

TEST(LinkResolver, AnswersForLiteralsAtOnce) {
  Resolving resolving({leading_to({at("10.0.0.1", 1)})});
  resolving->want(0);
  EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.1:1"}));
}

TEST(LinkResolver, LooksEveryNameUpAndTellsEveryLinkThatHasIt) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("10.0.0.5 redis\n");
    Resolving resolving({leading_to({named("redis", 6379)}), leading_to({at("10.0.0.1", 1)}),
                         leading_to({named("redis", 80)})});
    resolving->start();
    EXPECT_EQ(resolving.said(2), (Said{"0 leads to 10.0.0.5:6379", "2 leads to 10.0.0.5:80"}));
  });
}

TEST(LinkResolver, AnswersWhoWantsToKnowEvenIfNothingHasChanged) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("10.0.0.5 redis\n");
    Resolving resolving({leading_to({named("redis", 6379)})});
    resolving->want(0);
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.5:6379"}));
    resolving->want(0);
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.5:6379"}));
  });
}

TEST(LinkResolver, AnswersThatANameHasNoAddress) {
  without_name_server([](const ResolverFiles&) {
    Resolving resolving({leading_to({named("redis", 6379)})});
    resolving->want(0);
    EXPECT_EQ(resolving.said(2), (Said{"0 leads to nothing", "redis failed"}));
  });
}

TEST(LinkResolver, AnswersOnceAllNamesOfALinkHaveAnswered) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("10.0.0.5 a\n10.0.0.6 b\n");
    Resolving resolving({leading_to({named("a", 1), named("b", 1)})});
    resolving->want(0);
    resolving.said(2);
    resolving->want(0);
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.5:1 10.0.0.6:1"}));
  });
}

TEST(LinkResolver, TellsThatANameHasMoved) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("10.0.0.5 redis\n");
    Resolving resolving({leading_to({named("redis", 6379)})});
    resolving->start();
    resolving.said(1);
    files.hosts("10.0.0.6 redis\n");
    resolving->want(0);
    EXPECT_EQ(resolving.said(2),
              (Said{"0 leads to 10.0.0.6:6379", "redis moved from 10.0.0.5:0 to 10.0.0.6:0"}));
  });
}

TEST(LinkResolver, KeepsTheLastAddressesWhenTheResolverFails) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("10.0.0.5 redis\n");
    Resolving resolving({leading_to({named("redis", 6379)})});
    resolving->start();
    resolving.said(1);
    files.hosts("");
    resolving->want(0);
    EXPECT_EQ(resolving.said(2), (Said{"0 leads to 10.0.0.5:6379", "redis failed and keeps its addresses"}));
    resolving->want(0);
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.5:6379"})) << "that it fails is said once";
  });
}

TEST(LinkResolver, RefusesANameThatLeadsBackToOurselvesAndSaysSoOnce) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("127.0.0.1 redis\n");
    Resolving resolving({leading_to({named("redis", 6379)}), leading_to({named("redis", 80)})});
    resolving->want(0);
    EXPECT_EQ(resolving.said(3),
              (Said{"0 may not lead to 127.0.0.1:6379", "0 leads to nothing", "1 leads to 127.0.0.1:80"}));
    resolving->want(0);
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to nothing"}));
  });
}

TEST(LinkResolver, KeepsTheOldAddressesOfANameThatSuddenlyLeadsOnlyToOurselves) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("10.0.0.5 redis\n");
    Resolving resolving({leading_to({named("redis", 6379)})});
    resolving->start();
    resolving.said(1);
    files.hosts("127.0.0.1 redis\n");
    resolving->want(0);
    EXPECT_EQ(resolving.said(2), (Said{"0 may not lead to 127.0.0.1:6379", "0 leads to 10.0.0.5:6379"}))
        << "it has moved, but nobody goes there";
    files.hosts("10.0.0.9 redis\n");
    resolving->want(0);
    EXPECT_EQ(resolving.said(2),
              (Said{"0 leads to 10.0.0.9:6379", "redis moved from 10.0.0.5:0 to 10.0.0.9:0"}));
  });
}

TEST(LinkResolver, SaysHowEachNamesAnswersAre) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("10.0.0.5 redis\n");
    Link impatient = leading_to({named("redis", 80)});
    impatient.options.max_ttl = std::chrono::seconds(1);
    Resolving resolving(
        {leading_to({named("redis", 6379), at("10.0.0.1", 1)}), impatient, leading_to({named("nobody", 1)})});
    resolving->start();
    resolving.said(3);
    const auto names = resolving->names();
    ASSERT_EQ(names.size(), 2U) << "redis once, though two watch it, and no literal";
    EXPECT_EQ(names[0].name, "nobody");
    EXPECT_TRUE(names[0].is_failing);
    EXPECT_EQ(names[1].name, "redis");
    EXPECT_FALSE(names[1].is_failing);
    EXPECT_LT(names[1].age, kDeadline);
    resolving.remove(2);
    ASSERT_EQ(resolving->names().size(), 1U);
    EXPECT_EQ(resolving->names()[0].name, "redis");
  });
}

TEST(LinkResolver, DialsTheFallbackWhileANameHasNoAnswer) {
  without_name_server([](const ResolverFiles& files) {
    Target target = named("redis", 6379);
    target.fallback = ip("10.0.0.9");
    Resolving resolving({leading_to({target})});
    resolving->start();
    EXPECT_EQ(resolving.said(2), (Said{"0 leads to 10.0.0.9:6379", "redis failed"}));
    files.hosts("10.0.0.5 redis\n");
    resolving->want(0);
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.5:6379"}));
  });
}

TEST(LinkResolver, LooksUpOnceWhatNoLinkHas) {
  without_name_server([](const ResolverFiles& files) {
    files.hosts("10.0.0.5 other\n127.0.0.1 us\n");
    Resolving resolving({leading_to({at("10.0.0.1", 1)})});
    const LookUpsOnce look_ups = resolving->look_ups_once();
    const auto urgency = std::make_shared<const Urgency>(Urgency::due);
    std::map<std::string, std::vector<SocketAddress>> found;
    for (const char* name : {"other", "us"}) {
      look_ups.name(
          {.name = name, .known = {}, .urgency = urgency},
          [&found, name](Answer<SocketAddress> answer) { found[name] = std::move(answer.records); });
    }
    resolving.io().restart();
    while (found.size() < 2 && resolving.io().run_one_for(kDeadline) > 0) {
    }
    const KnownNames known{.addresses_of = [&](const std::string& name) { return found[name]; },
                           .servers_of = {}};
    EXPECT_EQ(text_of(look_ups.list({named("other", 80)}, known).endpoints), " 10.0.0.5:80");
    const EndpointList us = look_ups.list({named("us", 6379)}, known);
    EXPECT_TRUE(us.endpoints.empty()) << "it is our own listener";
    EXPECT_EQ(us.refused.size(), 1U);
    EXPECT_TRUE(resolving->names().empty()) << "nothing is watched";
  });
}

}  // namespace
}  // namespace amb
