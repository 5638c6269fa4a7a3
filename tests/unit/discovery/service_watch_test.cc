// SPDX-License-Identifier: Apache-2.0
#include "discovery/service_watch.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "unit/discovery/ask.h"
#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::seconds;

constexpr auto kFailed = std::nullopt;
using FoundHosts =
    std::optional<std::vector<std::string>>;  // nothing is a failure, an empty list "no such name"

template <class... Texts>
FoundHosts at(Texts... addresses) {
  return std::vector<std::string>{addresses...};
}
template <class... Records>
std::optional<std::vector<ServiceRecord>> of(Records... records) {
  return std::vector<ServiceRecord>{records...};
}

ServiceRecord server(const std::string& host, std::uint16_t priority = 0, std::uint16_t port = 80) {
  return {.priority = priority, .weight = 0, .host = host, .port = port};
}

/// A service whose resolver and clock are the test's.
class WatchedService : public testing::Test {
 protected:
  template <class Record>
  void keep(std::map<std::string, OnAnswer<Record>>& pending, const std::string& name,
            OnAnswer<Record> reply) {
    EXPECT_FALSE(pending[name]) << name << " is asked for twice at a time";
    pending[name] = std::move(reply);
  }

  template <class Record>
  void reply(std::map<std::string, OnAnswer<Record>>& pending, const std::string& name,
             std::optional<std::vector<Record>> records) {
    auto reply = std::exchange(pending[name], nullptr);
    ASSERT_TRUE(reply) << name << " was not asked for";
    using AnswerKind = typename Answer<Record>::Kind;
    if (!records) return reply({.kind = AnswerKind::failed, .error = "no server answered"});
    if (records->empty()) return reply({.kind = AnswerKind::none, .error = "no such name"});
    reply({.kind = AnswerKind::found, .records = *records, .ttl = seconds(60), .error = {}});
  }

  void service(std::optional<std::vector<ServiceRecord>> records) {
    reply(services_, "_x._tcp.test", std::move(records));
  }
  void host(const std::string& name, const FoundHosts& hosts) {
    if (!hosts) return reply(hosts_, name, std::optional<std::vector<SocketAddress>>());
    std::vector<SocketAddress> addresses;
    for (const std::string& one : *hosts) addresses.push_back(ip(one));
    reply(hosts_, name, std::optional(addresses));
  }

  /// Asks for everything again, as time does.
  void again() {
    now_ += seconds(2);
    EXPECT_EQ(watch_->refresh(), Refresh::answer_follows);
  }

  /// Where the service is now, "10.0.0.1:80 10.0.0.2:80".
  std::string now() const {
    std::string text;
    for (const auto& [record, addresses, left_out] : watch_->servers()) {
      for (const auto& address : addresses)
        text += (text.empty() ? "" : " ") + address.with_port(record.port).to_string();
    }
    return text;
  }
  bool is_asked(const std::string& host) { return hosts_.contains(host) && hosts_[host]; }

  boost::asio::io_context io_;
  std::chrono::steady_clock::time_point now_{seconds(1'000'000)};
  std::map<std::string, OnAnswer<ServiceRecord>> services_;
  std::map<std::string, OnAnswer<SocketAddress>> hosts_;
  std::vector<ServiceWatch::News> told_;
  std::unique_ptr<ServiceWatch> watch_ = std::make_unique<ServiceWatch>(
      io_, "_x._tcp.test", WatchSettings{},
      ServiceWatch::LookUps{
          .service = [this](
                         const auto& request,
                         OnAnswer<ServiceRecord> reply) { keep(services_, request.name, std::move(reply)); },
          .host = [this](const auto& request,
                         OnAnswer<SocketAddress> reply) { keep(hosts_, request.name, std::move(reply)); }},
      [this](const ServiceWatch::News& news) { told_.push_back(news); }, [this] { return now_; });

  void SetUp() override { EXPECT_EQ(watch_->refresh(), Refresh::answer_follows); }
};

TEST_F(WatchedService, IsWhereItsHostsAre) {
  service(of(server("a.test", 1), server("b.test", 2, 81)));
  EXPECT_EQ(now(), "");
  host("a.test", at("10.0.0.1"));
  EXPECT_EQ(now(), "") << "the other host has not answered";
  EXPECT_FALSE(told_.back().is_settled);
  host("b.test", at("10.0.0.2", "fd00::2"));
  EXPECT_EQ(now(), "10.0.0.1:80 10.0.0.2:81 [fd00::2]:81");
  EXPECT_TRUE(told_.back().is_settled);
  EXPECT_TRUE(told_.back().has_moved);
}

TEST_F(WatchedService, AsksOnceForAHostWithSeveralPorts) {
  service(of(server("a.test", 0, 80), server("a.test", 0, 81)));
  host("a.test", at("10.0.0.1"));
  EXPECT_EQ(now(), "10.0.0.1:80 10.0.0.1:81");
}

TEST_F(WatchedService, FollowsAHostThatMoves) {
  service(of(server("a.test")));
  host("a.test", at("10.0.0.1"));
  again();
  service(of(server("a.test")));
  host("a.test", at("10.0.0.9"));
  EXPECT_EQ(now(), "10.0.0.9:80");
  EXPECT_TRUE(told_.back().has_moved);
  EXPECT_EQ(told_.back().before.front().to_string(), "10.0.0.1:80");
}

TEST_F(WatchedService, StaysWhereItIsUntilANewHostHasAnswered) {
  service(of(server("a.test")));
  host("a.test", at("10.0.0.1"));
  again();
  service(of(server("b.test")));
  EXPECT_EQ(now(), "10.0.0.1:80");
  EXPECT_FALSE(told_.back().has_moved);
  host("b.test", at("10.0.0.2"));
  EXPECT_EQ(now(), "10.0.0.2:80");
  EXPECT_TRUE(told_.back().has_moved);
}

TEST_F(WatchedService, AsksNoMoreForAHostThatItHasLost) {
  service(of(server("a.test")));
  host("a.test", at("10.0.0.1"));
  again();
  service(of(server("b.test")));
  EXPECT_TRUE(is_asked("a.test"));
  host("b.test", at("10.0.0.2"));
  EXPECT_TRUE(told_.back().is_settled) << "nobody waits for the answer about the old one";
  io_.poll();
  host("a.test", at("10.0.0.3"));
  EXPECT_EQ(now(), "10.0.0.2:80");
  again();
  EXPECT_FALSE(is_asked("a.test"));
}

TEST_F(WatchedService, StaysWhereItIsWhenTheNewHostsCannotBeLookedUp) {
  service(of(server("a.test")));
  host("a.test", at("10.0.0.1"));
  again();
  service(of(server("b.test")));
  host("b.test", kFailed);
  EXPECT_EQ(now(), "10.0.0.1:80");
  EXPECT_TRUE(told_.back().began_to_fail);
  EXPECT_EQ(told_.back().failing, "b.test");
  again();
  host("b.test", at("10.0.0.2"));
  EXPECT_EQ(now(), "10.0.0.2:80");
}

TEST_F(WatchedService, GoesWhenTheNewHostsAreGoneForGood) {
  service(of(server("a.test")));
  host("a.test", at("10.0.0.1"));
  again();
  service(of(server("b.test")));
  host("b.test", at());
  EXPECT_EQ(now(), "10.0.0.1:80");
  now_ += WatchSettings{}.empty_grace;
  again();
  host("b.test", at());
  EXPECT_EQ(now(), "");
  EXPECT_TRUE(told_.back().has_moved);
}

TEST_F(WatchedService, IsWhereSomeOfItsHostsAre) {
  service(of(server("a.test"), server("b.test")));
  host("a.test", kFailed);
  host("b.test", at("10.0.0.2"));
  EXPECT_EQ(now(), "10.0.0.2:80");
}

TEST_F(WatchedService, StaysWhereItIsWhileTheNameServerFails) {
  service(of(server("a.test")));
  host("a.test", at("10.0.0.1"));
  for (int i = 0; i < 100; ++i) {
    now_ += seconds(60);
    again();
    service(kFailed);
    host("a.test", kFailed);
    EXPECT_EQ(now(), "10.0.0.1:80");
  }
  const auto began = std::ranges::count_if(told_, [](const auto& news) { return news.began_to_fail; });
  EXPECT_EQ(began, 2) << "told once of the service, and once of its host";
}

TEST_F(WatchedService, IsGoneAfterTheGracePeriodAndComesBack) {
  service(of(server("a.test")));
  host("a.test", at("10.0.0.1"));
  again();
  service(of());
  EXPECT_EQ(now(), "10.0.0.1:80");
  host("a.test", at("10.0.0.1"));
  now_ += WatchSettings{}.empty_grace;
  again();
  host("a.test", at("10.0.0.1"));
  service(of());
  EXPECT_EQ(now(), "");
  again();
  service(of(server("a.test")));
  host("a.test", at("10.0.0.1"));
  EXPECT_EQ(now(), "10.0.0.1:80");
}

TEST_F(WatchedService, HasNotMovedWhenOnlyItsWeightsHaveChanged) {
  service(of(server("a.test", 1)));
  host("a.test", at("10.0.0.1"));
  again();
  service(of(server("a.test", 2)));
  EXPECT_EQ(watch_->servers().front().record.priority, 2);
  EXPECT_FALSE(told_.back().has_moved);
}

TEST_F(WatchedService, ThatHasNothingNeedsNoNewQuestionForASecond) {
  service(kFailed);
  EXPECT_EQ(watch_->refresh(), Refresh::is_known);
  now_ += seconds(1);
  EXPECT_EQ(watch_->refresh(), Refresh::answer_follows);
}

TEST_F(WatchedService, IsAskedForAnewWithAllItsHostsWhenAFileHasChanged) {
  service(of(server("a.test")));
  host("a.test", at("10.0.0.1"));
  watch_->outdate();
  service(of(server("a.test")));
  host("a.test", at("10.0.0.2"));
  EXPECT_EQ(now(), "10.0.0.2:80");
}

TEST_F(WatchedService, TakesNoAnswerAfterItsEnd) {
  service(of(server("a.test")));
  const std::size_t told = told_.size();
  watch_.reset();
  host("a.test", at("10.0.0.1"));
  io_.run();
  EXPECT_EQ(told_.size(), told);
}

TEST_F(WatchedService, OfMoreAddressesThanALinkMayHaveSharesThemFairly) {
  FoundHosts flood = at();
  for (int i = 0; i < 250; ++i) flood->push_back("10.1.0." + std::to_string(i));
  service(of(server("one.test", 1), server("flood.test", 2), server("other.test", 3)));
  host("one.test", at("10.0.0.1"));
  host("flood.test", flood);
  host("other.test", flood);
  std::vector<std::size_t> sizes, left_out;
  for (const ServiceServer& server : watch_->servers()) {
    sizes.push_back(server.addresses.size());
    left_out.push_back(server.left_out);
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 127, 127}));
  EXPECT_EQ(left_out, (std::vector<std::size_t>{0, 123, 123}));
}

}  // namespace
}  // namespace amb
