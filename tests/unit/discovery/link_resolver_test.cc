// SPDX-License-Identifier: Apache-2.0
#include "discovery/link_resolver.h"

#include <gtest/gtest.h>

#include "unit/discovery/name_server.h"

namespace amb {
namespace {

using namespace test;

Target at(const std::string& host, std::uint16_t port) {
  return {.text = host, .port = port, .address = ip(host, port)};
}
Target named(const std::string& name, std::uint16_t port) {
  return {.text = name, .name = name, .port = port};
}
Link leading_to(std::vector<Target> targets) { return {.name = "link", .targets = std::move(targets)}; }

std::string text_of(const std::vector<SocketAddress>& addresses) {
  std::string text;
  for (const SocketAddress& address : addresses) text += " " + address.to_string();
  return addresses.empty() ? " nothing" : text;
}

/// Resolves for `links` on a host that listens on 127.0.0.1:6379, and notes what it is told.
class Resolving final : public LinkResolverEvents {
 public:
  explicit Resolving(std::vector<Link> links)
      : links_(std::move(links)), resolver_(io_, links_, {ip("127.0.0.1", 6379)}, *this) {}

  LinkResolver* operator->() { return &resolver_; }

  /// Runs until the resolver has said so many things, and gives all of them.
  std::vector<std::string> said(std::size_t count) {
    while (said_.size() < count && io_.run_one_for(kDeadline) > 0) {
    }
    io_.poll();
    return std::exchange(said_, {});
  }

 private:
  void on_endpoints(std::size_t link, const std::vector<SocketAddress>& endpoints) override {
    said_.push_back(std::to_string(link) + " leads to" + text_of(endpoints));
  }
  void on_moved(const std::string& name, const std::vector<SocketAddress>& was,
                const std::vector<SocketAddress>& now) override {
    said_.push_back(name + " moved from" + text_of(was) + " to" + text_of(now));
  }
  void on_resolve_failed(const std::string& name, const std::string&, bool keeps_addresses) override {
    said_.push_back(name + (keeps_addresses ? " failed and keeps its addresses" : " failed"));
  }
  void on_refused(std::size_t link, const EndpointList::Refused& refused) override {
    said_.push_back(std::to_string(link) + " may not lead to " + refused.address.to_string());
  }

  std::vector<Link> links_;
  boost::asio::io_context io_;
  std::vector<std::string> said_;
  LinkResolver resolver_;
};

using Said = std::vector<std::string>;

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
    EXPECT_EQ(resolving.said(2), (Said{"redis failed", "0 leads to nothing"}));
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
              (Said{"redis moved from 10.0.0.5:0 to 10.0.0.6:0", "0 leads to 10.0.0.6:6379"}));
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
    EXPECT_EQ(resolving.said(2), (Said{"redis failed and keeps its addresses", "0 leads to 10.0.0.5:6379"}));
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
    EXPECT_EQ(resolving.said(3), (Said{"redis moved from 10.0.0.5:0 to 127.0.0.1:0",
                                       "0 may not lead to 127.0.0.1:6379", "0 leads to 10.0.0.5:6379"}));
  });
}

TEST(LinkResolver, DialsTheFallbackWhileANameHasNoAnswer) {
  without_name_server([](const ResolverFiles& files) {
    Target target = named("redis", 6379);
    target.fallback = ip("10.0.0.9");
    Resolving resolving({leading_to({target})});
    resolving->start();
    EXPECT_EQ(resolving.said(2), (Said{"redis failed", "0 leads to 10.0.0.9:6379"}));
    files.hosts("10.0.0.5 redis\n");
    resolving->want(0);
    EXPECT_EQ(resolving.said(1), (Said{"0 leads to 10.0.0.5:6379"}));
  });
}

}  // namespace
}  // namespace amb
