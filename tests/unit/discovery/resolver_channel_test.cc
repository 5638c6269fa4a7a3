// SPDX-License-Identifier: Apache-2.0
//
// What every question to the resolver goes through: name servers that lie, stammer or cut short, and
// Docker's.
#include "discovery/resolver_channel.h"

#include <gtest/gtest.h>

#include "unit/discovery/ask.h"
#include "unit/discovery/scripted_server.h"

namespace amb {
namespace {

using namespace test;
using Kind = NameAnswer::Kind;
using Replies = std::vector<std::string>;
using std::chrono::seconds;

/// The true answer to any of the three questions.
Reply truth(const Question& question) {
  Reply reply(question);
  if (question.type == ns_t_a) return reply.a("192.0.2.7");
  if (question.type == ns_t_aaaa) return reply.aaaa("2001:db8::7");
  return reply.srv(1, 2, 6379, "a.test");
}
Reply lie(const Question& question) {
  Reply reply(question);
  if (question.type == ns_t_a) return reply.a("203.0.113.66");
  if (question.type == ns_t_aaaa) return reply.aaaa("2001:db8::66");
  return reply.srv(0, 0, 66, "evil.test");
}

std::string other_id(const Question& question) {
  std::string id = question.id;
  id[1] = static_cast<char>(id[1] ^ 1);
  return id;
}

/// The owner of the first record, which points to itself.
std::string loop(const Question& question) {
  return {'\xc0', static_cast<char>(12 + question.wire().size())};
}

struct Answered {
  const char* what;
  ScriptedServer::Script script;
  Kind kind;
};

void PrintTo(const Answered& one, std::ostream* out) { *out << one.what; }

class Answers : public testing::TestWithParam<Answered> {};

TEST_P(Answers, AreTakenForWhatTheyAre) {
  with_scripted_server(GetParam().script, [](ScriptedServer&, const ResolverFiles&) {
    const NameAnswer name = ask("redis.test");
    EXPECT_EQ(name.kind, GetParam().kind) << GetParam().what;
    const ServiceAnswer service = ask_service("_redis._tcp.test");
    EXPECT_EQ(static_cast<int>(service.kind), static_cast<int>(GetParam().kind)) << GetParam().what;
    if (GetParam().kind == Kind::found) {
      EXPECT_EQ(hosts(name), (std::vector<std::string>{"192.0.2.7", "2001:db8::7"}));
      EXPECT_EQ(servers(service.records), "1 2 a.test:6379");
    } else {
      EXPECT_FALSE(name.error.empty() || service.error.empty());
    }
  });
}

Replies says(const Reply& reply) { return {reply.bytes()}; }

INSTANTIATE_TEST_SUITE_P(
    Of, Answers,
    testing::Values(
        Answered{"the truth", [](const auto& q) { return says(truth(q)); }, Kind::found},
        Answered{"SERVFAIL", [](const auto& q) { return says(Reply(q, ns_r_servfail)); }, Kind::failed},
        Answered{"REFUSED", [](const auto& q) { return says(Reply(q, ns_r_refused)); }, Kind::failed},
        Answered{"NOTIMP", [](const auto& q) { return says(Reply(q, ns_r_notimpl)); }, Kind::failed},
        Answered{"NXDOMAIN", [](const auto& q) { return says(Reply(q, ns_r_nxdomain)); }, Kind::none},
        Answered{"nothing found", [](const auto& q) { return says(Reply(q)); }, Kind::none},
        Answered{"silence", [](const auto&) { return Replies(); }, Kind::failed},
        Answered{"another identifier", [](const auto& q) { return says(lie(q).with_id(other_id(q))); },
                 Kind::failed},
        Answered{
            "another question",
            [](const auto& q) { return says(lie(q).to_question({.name = "other.test", .type = q.type})); },
            Kind::failed},
        Answered{"a forged answer first",
                 [](const auto& q) { return Replies{lie(q).with_id(other_id(q)).bytes(), truth(q).bytes()}; },
                 Kind::found},
        Answered{"the truth, then a lie",
                 [](const auto& q) { return Replies{truth(q).bytes(), lie(q).bytes()}; }, Kind::found},
        Answered{"a cut-short answer, whole over TCP",
                 [](const auto& q) { return says(q.is_tcp ? truth(q) : lie(q).truncated()); }, Kind::found},
        Answered{"a cut-short answer, and silence over TCP",
                 [](const auto& q) { return q.is_tcp ? Replies() : says(lie(q).truncated()); }, Kind::failed},
        Answered{"a name that points to itself",
                 [](const auto& q) { return says(Reply(q).raw(loop(q) + std::string(20, '\0'))); },
                 Kind::failed},
        Answered{"a record longer than the message",
                 [](const auto& q) {
                   return says(Reply(q).raw("\xc0\x0c" + number16(q.type) + number16(ns_c_in) + number32(60) +
                                            number16(4000) + "abcd"));
                 },
                 Kind::failed},
        Answered{"more records than there are",
                 [](const auto& q) { return says(Reply(q).raw("").raw("").raw("")); }, Kind::failed},
        Answered{"half a header", [](const auto& q) { return Replies{q.id + "\x81\x80"}; }, Kind::failed},
        Answered{"an empty datagram, then the truth",
                 [](const auto& q) { return q.is_tcp ? says(truth(q)) : Replies{"", truth(q).bytes()}; },
                 Kind::found}));

TEST(Alias, CountsForTheTimeToLive) {
  const auto script = [](const Question& question) -> Replies {
    Reply reply(question);
    reply.cname("real.test", 7);
    const std::string owner = wire_name("real.test");
    const std::string head = owner + number16(question.type) + number16(ns_c_in) + number32(3600);
    if (question.type == ns_t_a) reply.raw(head + number16(4) + std::string("\xc0\x00\x02\x07", 4));
    if (question.type == ns_t_srv)
      reply.raw(head + number16(14) + number16(0) + number16(0) + number16(80) + wire_name("a.test"));
    return {reply.bytes()};
  };
  with_scripted_server(script, [](ScriptedServer&, const ResolverFiles&) {
    EXPECT_EQ(ask("alias.test").ttl, seconds(7));
    EXPECT_EQ(ask_service("_x._tcp.test").ttl, seconds(7));
  });
}

TEST(DockersNameServer, IsNotBelievedThatAnAnswerLastsTenMinutes) {
  in_network_namespace([] {
    const ResolverFiles files;
    const auto script = [](const Question& question) -> Replies {
      if (question.type == ns_t_srv) return {Reply(question).srv(0, 0, 80, "a.test", 600).bytes()};
      return {question.type == ns_t_a ? Reply(question).a("172.18.0.2", 600).bytes()
                                      : Reply(question).bytes()};
    };
    const ScriptedServer docker(script, "127.0.0.11"), other(script, "127.0.0.1");
    files.resolv_conf("nameserver 127.0.0.11\n");
    EXPECT_EQ(ask("redis").ttl, seconds(5));
    EXPECT_EQ(ask_service("_x._tcp.test").ttl, seconds(5));
    files.resolv_conf("nameserver 127.0.0.1\n");
    EXPECT_EQ(ask("redis").ttl, seconds(600));
    EXPECT_EQ(ask_service("_x._tcp.test").ttl, seconds(600));
  });
}

TEST(DockersNameServer, MayBelieveThatAnAnswerLastsLess) {
  in_network_namespace([] {
    const ResolverFiles files;
    files.resolv_conf("nameserver 127.0.0.11\n");
    const ScriptedServer docker(
        [](const Question& q) -> Replies { return {q.type == ns_t_a ? truth(q).bytes() : Reply(q).bytes()}; },
        "127.0.0.11");
    files.hosts("10.0.0.1 postgres\n");
    EXPECT_EQ(ask("postgres").ttl, seconds(0));
  });
}

TEST(SearchList, IsUsedOrIgnored) {
  const auto script = [](const Question& question) -> Replies {
    const bool is_ours = question.name == "redis.zone.test";
    return {is_ours ? truth(question).bytes() : Reply(question, ns_r_nxdomain).bytes()};
  };
  with_scripted_server(script, [](ScriptedServer&, const ResolverFiles& files) {
    files.resolv_conf("nameserver 127.0.0.1\nsearch zone.test\n");
    EXPECT_EQ(ask("redis").kind, Kind::found);
    EXPECT_EQ(ask(NameQuestion{.name = "redis", .search_list = SearchList::ignored}).kind, Kind::none);
  });
}

TEST(Question, IsNotAnsweredWhenTheProgramEndsInTheMiddleOfTheAnswer) {
  const auto a_alone = [](const Question& question) -> Replies {
    return question.type == ns_t_a ? says(truth(question)) : Replies();
  };
  with_scripted_server(a_alone, [](ScriptedServer&, const ResolverFiles&) {
    bool answered = false;
    {
      boost::asio::io_context io;
      NameFiles files;
      look_up_name(io, files, {.name = "redis.test"}, [&](const NameAnswer&) { answered = true; });
      EXPECT_EQ(io.run_one(), 1U) << "the answer for A has been read, that for AAAA will never come";
    }
    EXPECT_FALSE(answered);
  });
}

}  // namespace
}  // namespace amb
