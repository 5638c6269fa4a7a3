// SPDX-License-Identifier: Apache-2.0
#include "discovery/srv_answer.h"

#include <gtest/gtest.h>

#include "unit/discovery/ask.h"
#include "unit/discovery/dns_message.h"

namespace amb {
namespace {

using namespace test;
using ServiceKind = ServiceAnswer::Kind;
using std::chrono::seconds;

const Question kQuestion{.id = "id", .name = "_x._tcp.test", .type = ns_t_srv};

Reply reply() { return Reply(kQuestion); }

ServiceAnswer parse(const std::string& bytes) {
  return parse_srv_answer({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}
ServiceAnswer parse(const Reply& reply) { return parse(reply.bytes()); }

TEST(SrvAnswer, GivesServersByPriorityAndTheHeavierFirst) {
  const ServiceAnswer answer =
      parse(reply().srv(20, 0, 6379, "c.test").srv(10, 1, 6379, "a.test").srv(10, 5, 6380, "b.test"));
  EXPECT_EQ(answer.kind, ServiceKind::found);
  EXPECT_EQ(servers(answer.records), "10 5 b.test:6380, 10 1 a.test:6379, 20 0 c.test:6379");
  EXPECT_TRUE(answer.error.empty());
}

TEST(SrvAnswer, MakesNothingOfTheOrderInWhichRecordsCome) {
  EXPECT_EQ(parse(reply().srv(0, 0, 1, "a.test").srv(0, 0, 1, "b.test").srv(0, 0, 2, "a.test")).records,
            parse(reply().srv(0, 0, 2, "a.test").srv(0, 0, 1, "b.test").srv(0, 0, 1, "a.test")).records);
}

TEST(SrvAnswer, GivesARecordThatComesTwiceOnce) {
  EXPECT_EQ(servers(parse(reply().srv(0, 0, 80, "a.test").srv(0, 0, 80, "A.TEST")).records), "0 0 a.test:80");
}

TEST(SrvAnswer, LivesAsLongAsTheShortestOfItsRecords) {
  EXPECT_EQ(parse(reply().srv(0, 0, 80, "a.test", 60).srv(0, 0, 80, "b.test", 30)).ttl, seconds(30));
  EXPECT_EQ(parse(reply().cname("other.test", 5).srv(0, 0, 80, "a.test", 60)).ttl, seconds(5));
  EXPECT_EQ(parse(reply().srv(0, 0, 80, "a.test", 0x7fffffff)).ttl, seconds(0x7fffffff));
  EXPECT_EQ(parse(reply().srv(0, 0, 80, "a.test", 0x80000000)).ttl, seconds(0)) << "negative: RFC 2181";
}

TEST(SrvAnswer, FollowsPointersInNames) {
  const std::string data = number16(1) + number16(2) + number16(80) + "\x01z\xc0\x0c";
  EXPECT_EQ(servers(parse(reply().record(ns_t_srv, 60, data)).records), "1 2 z._x._tcp.test:80");
}

TEST(SrvAnswer, PassesOverWhatIsNoSrvRecordOfTheInternet) {
  const std::string chaos = "\xc0\x0c" + number16(ns_t_srv) + number16(ns_c_chaos) + number32(1) +
                            number16(8) + number16(0) + number16(0) + number16(1) + "\x01z";
  const ServiceAnswer answer =
      parse(reply().record(ns_t_txt, 9, "\x05hello").raw(chaos).srv(0, 0, 80, "a.test", 60));
  EXPECT_EQ(servers(answer.records), "0 0 a.test:80");
}

TEST(SrvAnswer, OfTheRootSaysThatTheServiceIsNotOffered) {
  const ServiceAnswer answer = parse(reply().srv(0, 0, 0, ""));
  EXPECT_EQ(answer.kind, ServiceKind::none);
  EXPECT_EQ(answer.error, "the service is not offered");
}

TEST(SrvAnswer, WithoutAServerThatCanBeDialledIsNone) {
  EXPECT_EQ(parse(reply()).kind, ServiceKind::none);
  EXPECT_EQ(parse(reply().cname("other.test")).kind, ServiceKind::none);
  EXPECT_EQ(parse(reply().srv(0, 0, 0, "a.test")).kind, ServiceKind::none) << "a port 0";
  for (const char* host : {"two words.test", "line\nend.test", "a\\b.test", "[::1]", "fd00::1", "1.2.3"})
    EXPECT_EQ(parse(reply().srv(0, 0, 80, host)).kind, ServiceKind::none) << host;
}

TEST(SrvAnswer, PassesOverServersThatCannotBeDialledBesideOthers) {
  EXPECT_EQ(
      servers(
          parse(
              reply().srv(0, 0, 80, "").srv(0, 0, 0, "b.test").srv(0, 0, 80, "$(x)").srv(1, 0, 80, "a.test"))
              .records),
      "1 0 a.test:80");
}

TEST(SrvAnswer, HoldsSixtyFourServersAtMostAndThoseTheFirstByPriority) {
  Reply many = reply();
  for (unsigned i = 0; i < 500; ++i) many.srv(500 - i, 0, 80, "a" + std::to_string(i) + ".test");
  const ServiceAnswer answer = parse(many);
  ASSERT_EQ(answer.records.size(), kMostServers);
  EXPECT_EQ(answer.records.front().priority, 1);
  EXPECT_EQ(answer.records.back().priority, kMostServers);
}

struct Broken {
  const char* what;
  std::string bytes;
};

void PrintTo(const Broken& one, std::ostream* out) { *out << one.what; }

class BrokenSrvAnswer : public testing::TestWithParam<Broken> {};

TEST_P(BrokenSrvAnswer, IsAFailure) {
  const ServiceAnswer answer = parse(GetParam().bytes);
  EXPECT_EQ(answer.kind, ServiceKind::failed);
  EXPECT_TRUE(answer.records.empty());
  EXPECT_FALSE(answer.error.empty());
}

std::string with_data(const std::string& data) {
  return reply().srv(0, 0, 80, "a.test").record(ns_t_srv, 60, data).bytes();
}
std::string with_questions(unsigned count) {
  std::string bytes = reply().srv(0, 0, 80, "a.test").bytes();
  return bytes.replace(4, 2, number16(count));
}

INSTANTIATE_TEST_SUITE_P(
    Messages, BrokenSrvAnswer,
    testing::Values(
        Broken{"nothing at all", ""}, Broken{"half a header", "id\x81\x80"},
        Broken{"no question", with_questions(0)}, Broken{"two questions", with_questions(2)},
        Broken{"a record that is not there", reply().raw("").bytes()},
        Broken{"an owner that points to itself", reply().raw("\xc0\x1e" + std::string(20, '\0')).bytes()},
        Broken{"a record that ends in its header", reply().raw("\xc0\x0c" + number16(ns_t_srv)).bytes()},
        Broken{"a record without room for a port", with_data(number16(0) + number16(0))},
        Broken{"a record without a host", with_data(number16(0) + number16(0) + number16(80))},
        Broken{"bytes after the host",
               with_data(number16(0) + number16(0) + number16(80) + "\x01z" + std::string(2, '\0'))},
        Broken{"a host that goes on after the message",
               with_data(number16(0) + number16(0) + number16(80) + "\x03z")},
        Broken{"a host that goes on in the next record",
               reply()
                   .record(ns_t_srv, 60, number16(0) + number16(0) + number16(80) + "\x01z")
                   .a("10.0.0.1")
                   .bytes()},
        Broken{"a host that points to itself",
               with_data(number16(0) + number16(0) + number16(80) + "\xc0\x4a")}));

TEST(SrvAnswer, IsAFailureWhereverItIsCutOff) {
  const std::string whole =
      reply().cname("other.test").srv(1, 2, 80, "a.test").srv(3, 4, 81, "b.test").bytes();
  ASSERT_EQ(parse(whole).kind, ServiceKind::found);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(parse(whole.substr(0, size)).kind, ServiceKind::failed) << "after " << size << " bytes";
}

TEST(SrvAnswer, IsAFailureWhenItIsLongerThanAMessageCanBe) {
  EXPECT_EQ(parse(reply().srv(0, 0, 80, "a.test").bytes() + std::string(70000, '\0')).kind,
            ServiceKind::failed);
}

}  // namespace
}  // namespace amb
