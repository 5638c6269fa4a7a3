// SPDX-License-Identifier: Apache-2.0
#include "wiring/option_reader.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using std::chrono::milliseconds;
using Texts = std::vector<std::string>;

const Origin kHere{Origin::Kind::argument, "argument 1"};

/// What the queries of one link make, and every complaint about them.
struct Read {
  OptionValues values;
  Texts complaints;
};

Read read(const Texts& queries) {
  OptionReader reader(80);
  Complaints found;
  for (const auto& query : queries) reader.read_query(query, kHere, found);
  std::vector<OptionComplaint> together;
  Read result{reader.finish({}, together), {}};
  for (auto& one : together) found.push_back(std::move(one.complaint));
  for (const auto& complaint : found) {
    EXPECT_NE(complaint.accepted, "") << complaint.what;
    result.complaints.push_back(complaint.what);
  }
  return result;
}

TEST(OptionReader, MergesTheOptionsOfSeveralTargets) {
  const auto [values, complaints] =
      read({"connect_timeout=2s&dead_peer=5", "", "connect_timeout=2000ms&listen=127.0.0.1"});
  EXPECT_EQ(complaints, Texts{});
  EXPECT_EQ(values.options.connect_timeout, milliseconds(2000));
  EXPECT_EQ(values.options.dead_peer, milliseconds(5000));
  ASSERT_EQ(values.listen.size(), 1U);
  EXPECT_EQ(values.listen[0].to_string(), "127.0.0.1:80");
}

TEST(OptionReader, SaysWhatWasGivenInTheTablesOrder) {
  const auto values = read({"dead_peer=1m&policy=first", "listen=127.0.0.1&dead_peer=60"}).values;
  ASSERT_EQ(values.given.size(), 3U);
  EXPECT_EQ(values.given[0].name, "listen");
  EXPECT_EQ(values.given[1].name, "policy");
  EXPECT_EQ(values.given[2].name, "dead_peer");
  EXPECT_EQ(values.given[2].origin.name, "argument 1");
}

TEST(OptionReader, ComplainsOfTwoThatContradict) {
  EXPECT_EQ(read({"dead_peer=1s&dead_peer=1000ms", "dead_peer=2s"}).complaints,
            Texts{"option dead_peer is given as 1s and as 2s"});
  EXPECT_EQ(read({"health=http:///a", "health=http:///b"}).complaints,
            Texts{"option health is given as http:///a and as http:///b"});
}

TEST(OptionReader, NamesBothPlacesOfAContradiction) {
  OptionReader reader(80);
  Complaints found;
  reader.read("policy", "random", {Origin::Kind::file, "links.toml:3:10"}, found);
  reader.read_query("policy=first", {Origin::Kind::file, "links.toml:2:12"}, found);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].what, "option policy is given as random by links.toml:3:10 and as first");
}

TEST(OptionReader, ComplainsOfTwoPasswordsWithoutShowingThem) {
  EXPECT_EQ(read({"health=redis&health_password=hunter2", "health_password=swordfish"}).complaints,
            Texts{"option health_password is given as *** and as another one"});
}

TEST(OptionReader, AddsListenersUpAndTakesRepeatsOnce) {
  const auto values = read({"listen=127.0.0.1&listen=unix:///x", "listen=127.0.0.1:80"}).values;
  ASSERT_EQ(values.listen.size(), 2U);
  EXPECT_EQ(values.listen[1].path(), "/x");
}

TEST(OptionReader, TakesValuesWithEqualsSigns) {
  const auto [values, complaints] =
      read({"on_down=drain=30s&unavailable=hold=5s&health=http:///healthz?a=b"});
  EXPECT_EQ(complaints, Texts{});
  EXPECT_EQ(values.options.on_down.drain, milliseconds(30000));
  EXPECT_EQ(values.options.unavailable.hold, milliseconds(5000));
  EXPECT_EQ(values.options.health.http_path, "/healthz?a=b");
}

TEST(OptionReader, DecodesBytes) {
  const auto [values, complaints] =
      read({"health=send-expect&health_send=PING%0D%0A%00a+b%26&health_expect=%2BPONG"});
  EXPECT_EQ(complaints, Texts{});
  EXPECT_EQ(values.options.health.send, std::string("PING\r\n\0a+b&", 11));
  EXPECT_EQ(values.options.health.expect, "+PONG");
}

TEST(OptionReader, TakesAPercentSignBehindANumberAndBracketsAsTheyAre) {
  EXPECT_EQ(read({"health=tcp&health_jitter=30%"}).values.options.health.jitter_percent, 30);
  EXPECT_EQ(read({"health_jitter=30%&health=tcp"}).values.options.health.jitter_percent, 30);
  EXPECT_EQ(read({"health_jitter=30%25&health=tcp"}).values.options.health.jitter_percent, 30);
  EXPECT_EQ(read({"listen=tcp://[::1]:90"}).values.listen.at(0).to_string(), "[::1]:90");
  EXPECT_EQ(read({"listen=%zz"}).complaints, Texts{"the options 'listen=%zz' are not a URL query"});
}

TEST(OptionReader, ShowsNoPasswordInAComplaint) {
  const char* const kQueries[] = {
      "health=tcp&health_password=hunter2%",       // not a query
      "dead_peer=1;health_password=hunter2",       // no separator
      "health_password%3Dhunter2",                 // a name that holds it
      "health_pasword=hunter2",                    // misspelt
      "health=redis&health_password=hunter2%0A",   // refused
      "health=mysql&health_password=hunter2",      // of no use
      "policy=random%26health_password=hunter2",   // encoded too much
      "health=http:///x health_password=hunter2",  // a space
      "health_password=x&hunter2",                 // encoded too little
      "health_password=x&hunter2=1",               // the same
      "auth=hunter2",
      "PWD=hunter2",                                  // of other programs
      "health=http://me:hunter2@h/",                  // a user
      "health=redis&health_password=hunter2&policy="  // beside another mistake
  };
  for (const auto* query : kQueries) {
    const auto complaints = read({query}).complaints;
    EXPECT_FALSE(complaints.empty()) << query;
    for (const auto& complaint : complaints)
      EXPECT_EQ(complaint.find("hunter2"), std::string::npos) << complaint;
  }
}

TEST(OptionReader, OfAnEmptyQueryGivesTheDefaults) {
  EXPECT_EQ(read({""}).values.options, LinkOptions{});
  EXPECT_TRUE(read({}).values.listen.empty());
  EXPECT_TRUE(read({}).values.given.empty());
}

/// As a rewire does: what the link has already, and what is said now.
Read read_onto(const LinkOptions& initial, const std::string& query) {
  OptionReader reader(80, initial);
  Complaints found;
  reader.read_query(query, kHere, found);
  std::vector<OptionComplaint> together;
  Read result{reader.finish({}, together), {}};
  for (const auto& complaint : found) result.complaints.push_back(complaint.what);
  for (const auto& one : together) result.complaints.push_back(one.complaint.what);
  return result;
}

TEST(OptionReader, KeepsWhatIsThereAlreadyWhereNothingIsSaid) {
  LinkOptions initial;
  initial.policy = Policy::random;
  initial.idle_timeout = milliseconds(5000);
  const auto [values, complaints] = read_onto(initial, "policy=first");
  EXPECT_EQ(complaints, Texts{});
  EXPECT_EQ(values.options.policy, Policy::first) << "one that is there already contradicts nothing";
  EXPECT_EQ(values.options.idle_timeout, milliseconds(5000));
  ASSERT_EQ(values.given.size(), 1U) << "what is there already was not said here";
  EXPECT_EQ(values.given[0].name, "policy");
}

TEST(OptionReader, ImpliesNoCheckWhereThereIsOneAlready) {
  LinkOptions initial;
  initial.health.kind = HealthOptions::Kind::redis;
  initial.unavailable.kind = Unavailable::Kind::refuse;
  EXPECT_EQ(read_onto(initial, "").values.options, initial);
  EXPECT_EQ(read_onto(initial, "health=tcp").values.options.health.kind, HealthOptions::Kind::tcp);
  EXPECT_EQ(read_onto(initial, "health=none").complaints.size(), 1U);
}

TEST(OptionReader, JudgesWhatIsSaidTogetherWithWhatIsThereAlready) {
  LinkOptions initial;
  initial.health.kind = HealthOptions::Kind::redis;
  EXPECT_EQ(read_onto(initial, "health_password=hunter2").complaints, Texts{});
  EXPECT_EQ(read_onto({}, "health_password=hunter2").complaints,
            Texts{"option health_password: nothing is checked"});
}

TEST(OptionReader, BlamesNoOptionForOneThatCouldNotBeRead) {
  EXPECT_EQ(read({"health=tcpp&health_interval=1s&health_send=x"}).complaints,
            Texts{"option health: 'tcpp' is no check; did you mean tcp?"});
  EXPECT_EQ(read({"health=send-expect&health_expect=" + std::string(2000, 'a')}).complaints,
            Texts{"option health_expect: it has 2000 bytes"});
  EXPECT_EQ(read({"health=none&unavailable=refuze"}).complaints.size(), 1U);
}

}  // namespace
}  // namespace amb
