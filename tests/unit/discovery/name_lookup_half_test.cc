// SPDX-License-Identifier: Apache-2.0
//
// A name is two questions, for A and for AAAA. Where one of them fails, nothing is known of that family: it
// is not empty.
#include <gtest/gtest.h>

#include "unit/discovery/ask.h"
#include "unit/discovery/scripted_server.h"

namespace amb {
namespace {

using namespace test;
using Hosts = std::vector<std::string>;
using Kind = NameAnswer::Kind;

enum class Says { address, nothing, no_such_name, failure };

Reply half(const Question& question, Says says) {
  Reply reply(question, says == Says::failure        ? ns_r_servfail
                        : says == Says::no_such_name ? ns_r_nxdomain
                                                     : ns_r_noerror);
  if (says != Says::address) return reply;
  return question.type == ns_t_a ? reply.a("192.0.2.7") : reply.aaaa("2001:db8::7");
}

ScriptedServer::Script halves(Says a, Says aaaa) {
  return [=](const Question& question) -> std::vector<std::string> {
    return {half(question, question.type == ns_t_a ? a : aaaa).bytes()};
  };
}

const std::vector<SocketAddress> kBoth = {ip("192.0.2.1"), ip("2001:db8::1")};

struct Halves {
  Says a, aaaa;
  Kind kind;
  Hosts hosts;  ///< When kBoth were known before.
  const char* because;
};

void PrintTo(const Halves& one, std::ostream* out) { *out << one.because; }

class HalfAnAnswer : public testing::TestWithParam<Halves> {};

TEST_P(HalfAnAnswer, SaysNothingAboutTheOtherHalf) {
  const Halves& one = GetParam();
  with_scripted_server(halves(one.a, one.aaaa), [&](ScriptedServer&, const ResolverFiles&) {
    const NameAnswer answer = ask(NameQuestion{.name = "half.test", .known = kBoth});
    EXPECT_EQ(answer.kind, one.kind) << one.because;
    EXPECT_EQ(hosts(answer), one.hosts) << one.because;
    EXPECT_EQ(answer.error.empty(), one.kind == Kind::found) << answer.error;
  });
}

INSTANTIATE_TEST_SUITE_P(
    Answers, HalfAnAnswer,
    testing::Values(
        Halves{Says::address, Says::address, Kind::found, {"192.0.2.7", "2001:db8::7"}, "both are there"},
        Halves{Says::address, Says::nothing, Kind::found, {"192.0.2.7"}, "an empty half is empty"},
        Halves{Says::nothing, Says::address, Kind::found, {"2001:db8::7"}, "and so is the other"},
        Halves{
            Says::address, Says::failure, Kind::found, {"192.0.2.7", "2001:db8::1"}, "a failed half is kept"},
        Halves{
            Says::failure, Says::address, Kind::found, {"192.0.2.1", "2001:db8::7"}, "and so is the other"},
        Halves{Says::nothing, Says::failure, Kind::failed, {}, "the half that failed may have an address"},
        Halves{Says::failure, Says::nothing, Kind::failed, {}, "whichever of them came last"},
        Halves{Says::no_such_name, Says::failure, Kind::failed, {}, "a server that contradicts itself"},
        Halves{Says::failure, Says::no_such_name, Kind::failed, {}, "is not believed"},
        Halves{Says::nothing, Says::nothing, Kind::none, {}, "both are empty"},
        Halves{Says::no_such_name, Says::no_such_name, Kind::none, {}, "there is no such name"},
        Halves{Says::failure, Says::failure, Kind::failed, {}, "nothing is known"}));

TEST(HalfOfAName, IsNotAskedForAloneWhereItWasNeverKnown) {
  with_scripted_server(halves(Says::address, Says::nothing),
                       [](ScriptedServer& server, const ResolverFiles&) {
                         (void)ask(NameQuestion{.name = "half.test", .known = {kBoth[0]}});
                         EXPECT_EQ(server.questions_of(ns_t_a), 1U);
                         EXPECT_EQ(server.questions_of(ns_t_aaaa), 1U);
                       });
}

TEST(HalfOfAName, IsKeptAlthoughTheOtherIsGoodForNoTime) {
  // As Consul answers, unless it is told otherwise.
  const auto script = [](const Question& question) -> std::vector<std::string> {
    if (question.type == ns_t_a) return {Reply(question).a("192.0.2.7", 0).bytes()};
    return {half(question, Says::failure).bytes()};
  };
  with_scripted_server(script, [](ScriptedServer&, const ResolverFiles&) {
    EXPECT_EQ(hosts(ask(NameQuestion{.name = "half.test", .known = kBoth})),
              (Hosts{"192.0.2.7", "2001:db8::1"}));
  });
}

TEST(HalfOfAName, InTheHostsFileIsAllOfIt) {
  with_scripted_server(
      halves(Says::address, Says::address), [](ScriptedServer& server, const ResolverFiles& files) {
        files.hosts("10.0.0.5 half.test\n");
        EXPECT_EQ(hosts(ask(NameQuestion{.name = "half.test", .known = kBoth})), (Hosts{"10.0.0.5"}));
        EXPECT_TRUE(server.asked().empty());
      });
}

}  // namespace
}  // namespace amb
