// SPDX-License-Identifier: Apache-2.0
//
// The names that a search list makes of a short one, each judged alone; and halves of a name that are silent.
#include <gtest/gtest.h>

#include "unit/discovery/ask.h"
#include "unit/discovery/scripted_server.h"

namespace amb {
namespace {

using namespace test;
using Hosts = std::vector<std::string>;
using Kind = NameAnswer::Kind;
using Replies = std::vector<std::string>;

constexpr const char* kTwoZones = "nameserver 127.0.0.1\nsearch bad.test good.test\noptions ndots:5\n";

Replies address_of(const Question& question) {
  return {question.type == ns_t_a ? Reply(question).a("192.0.2.7").bytes() : Reply(question).bytes()};
}

/// What names of "bad.test" are answered with; of the others, those of `known` have an address.
ScriptedServer::Script except(std::string known, ScriptedServer::Script bad) {
  return [=](const Question& question) -> Replies {
    if (question.name.ends_with("bad.test")) return bad(question);
    if (question.name == known) return address_of(question);
    return {Reply(question, ns_r_nxdomain).bytes()};
  };
}

struct Bad {
  const char* what;
  ScriptedServer::Script script;
};

void PrintTo(const Bad& one, std::ostream* out) { *out << one.what; }

class BadSuffix : public testing::TestWithParam<Bad> {
 protected:
  NameAnswer ask_among(const std::string& known, std::vector<SocketAddress> before = {}) {
    NameAnswer answer;
    with_scripted_server(except(known, GetParam().script), [&](ScriptedServer&, const ResolverFiles& files) {
      files.resolv_conf(kTwoZones);
      answer = ask(NameQuestion{.name = "redis", .known = std::move(before)});
      EXPECT_EQ(answer.kind, known.empty() ? Kind::failed : Kind::found) << GetParam().what;
      EXPECT_EQ(hosts(answer), known.empty() ? Hosts{} : Hosts{"192.0.2.7"}) << GetParam().what;
      EXPECT_EQ(answer.error.empty(), !known.empty());
    });
    return answer;
  }
};

TEST_P(BadSuffix, DoesNotEndTheLookUpBeforeTheNextOne) { (void)ask_among("redis.good.test"); }
TEST_P(BadSuffix, DoesNotEndTheLookUpBeforeTheNameAsItStands) { (void)ask_among("redis"); }
TEST_P(BadSuffix, DoesNotFreezeANameThatMoves) { (void)ask_among("redis.good.test", {ip("192.0.2.1")}); }
TEST_P(BadSuffix, IsAFailureWhereNoNameIsFound) { (void)ask_among(""); }

INSTANTIATE_TEST_SUITE_P(
    Says, BadSuffix,
    testing::Values(Bad{"SERVFAIL",
                        [](const auto& q) -> Replies { return {Reply(q, ns_r_servfail).bytes()}; }},
                    Bad{"REFUSED", [](const auto& q) -> Replies { return {Reply(q, ns_r_refused).bytes()}; }},
                    Bad{"NOTIMP", [](const auto& q) -> Replies { return {Reply(q, ns_r_notimpl).bytes()}; }},
                    Bad{"nothing", [](const auto&) { return Replies(); }},
                    Bad{"SERVFAIL for A alone", [](const auto& q) -> Replies {
                          return {Reply(q, q.type == ns_t_a ? ns_r_servfail : ns_r_noerror).bytes()};
                        }}));

TEST(SearchListOf, NothingButTheRootAndNonsenseIsPassedOver) {
  with_scripted_server(except("redis", {}), [](ScriptedServer& server, const ResolverFiles& files) {
    files.resolv_conf("nameserver 127.0.0.1\nsearch . .. a..b\noptions ndots:5\n");
    EXPECT_EQ(hosts(ask("redis")), (Hosts{"192.0.2.7"}));
    EXPECT_EQ(server.asked().size(), 2U) << "A and AAAA of the name as it stands";
  });
}

TEST(SearchListOf, AServiceGoesOnBehindASuffixThatFails) {
  const auto script = [](const Question& question) -> Replies {
    if (question.name.ends_with("bad.test")) return {Reply(question, ns_r_servfail).bytes()};
    return {Reply(question).srv(0, 0, 80, "a.test").bytes()};
  };
  with_scripted_server(script, [](ScriptedServer&, const ResolverFiles& files) {
    files.resolv_conf(kTwoZones);
    EXPECT_EQ(servers(ask_service("_x._tcp").records), "0 0 a.test:80");
  });
}

/// A server that never answers one of the two families.
ScriptedServer::Script silent_about(unsigned type) {
  return [type](const Question& question) -> Replies {
    if (question.type == type) return {};
    return {question.type == ns_t_a ? Reply(question).a("192.0.2.7").bytes()
                                    : Reply(question).aaaa("2001:db8::7").bytes()};
  };
}

TEST(SilentHalf, IsNotWaitedForOnceTheOtherHasAnAddress) {
  for (const auto& [silent, found] : {std::pair(ns_t_aaaa, "192.0.2.7"), std::pair(ns_t_a, "2001:db8::7")}) {
    with_scripted_server(silent_about(silent), [&](ScriptedServer& server, const ResolverFiles&) {
      EXPECT_EQ(hosts(ask("half.test")), (Hosts{found}));
      EXPECT_EQ(server.questions_of(silent), 1U) << "it was not even asked for a second time";
    });
  }
}

TEST(SilentHalf, KeepsTheAddressesThatItHad) {
  with_scripted_server(silent_about(ns_t_aaaa), [](ScriptedServer&, const ResolverFiles&) {
    const NameAnswer answer =
        ask(NameQuestion{.name = "half.test", .known = {ip("192.0.2.1"), ip("2001:db8::1")}});
    EXPECT_EQ(hosts(answer), (Hosts{"192.0.2.7", "2001:db8::1"}));
    EXPECT_EQ(answer.ttl, std::chrono::seconds(10)) << "and is asked for again soon";
  });
}

TEST(SilentHalf, OfANameThatDoesNotExistDoesNotHoldUpTheNextOne) {
  const auto script = [](const Question& question) -> Replies {
    if (question.name == "redis") return address_of(question);
    return question.type == ns_t_a ? Replies{Reply(question, ns_r_nxdomain).bytes()} : Replies();
  };
  with_scripted_server(script, [](ScriptedServer& server, const ResolverFiles& files) {
    files.resolv_conf(kTwoZones);
    EXPECT_EQ(hosts(ask("redis")), (Hosts{"192.0.2.7"}));
    EXPECT_EQ(server.asked().size(), 6U) << "three names in two families, each once";
  });
}

TEST(SilentHalf, IsWaitedForWhereTheOtherIsEmpty) {
  const auto script = [](const Question& question) -> Replies {
    if (question.type == ns_t_a) return {Reply(question).bytes()};
    static int asked = 0;
    return ++asked == 1 ? Replies() : Replies{Reply(question).aaaa("2001:db8::7").bytes()};
  };
  with_scripted_server(script, [](ScriptedServer&, const ResolverFiles&) {
    EXPECT_EQ(hosts(ask("six.test")), (Hosts{"2001:db8::7"}));
  });
}

TEST(NameServerOptions, UseVcAsksOverTcp) {
  with_scripted_server([](const Question& q) { return q.is_tcp ? address_of(q) : Replies(); },
                       [](ScriptedServer&, const ResolverFiles& files) {
                         files.resolv_conf("nameserver 127.0.0.1\noptions use-vc\n");
                         EXPECT_EQ(hosts(ask("redis.test")), (Hosts{"192.0.2.7"}));
                       });
}

TEST(AnEchoOfTheQuestion, IsNoAnswer) {
  const auto script = [](const Question& question) -> Replies {
    std::string echo = Reply(question).bytes();
    echo[2] = 0x01;
    Replies replies = address_of(question);
    replies.insert(replies.begin(), {echo, replies.front().substr(0, replies.front().size() - 1)});
    return replies;
  };
  with_scripted_server(script, [](ScriptedServer&, const ResolverFiles&) {
    EXPECT_EQ(hosts(ask("redis.test")), (Hosts{"192.0.2.7"})) << "nor is one that was cut";
  });
}

}  // namespace
}  // namespace amb
