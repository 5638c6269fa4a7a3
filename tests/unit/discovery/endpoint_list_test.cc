// SPDX-License-Identifier: Apache-2.0
#include "discovery/endpoint_list.h"

#include <gtest/gtest.h>

#include <map>

#include "unit/support/sockets.h"

namespace amb {
namespace {

using test::ip;

Target literal(const SocketAddress& address) {
  return {.text = "literal", .port = address.port(), .address = address};
}
Target named(std::string name, std::uint16_t port) {
  return {.text = "name", .name = std::move(name), .port = port};
}

Target service(std::string name) { return {.text = "service", .name = std::move(name), .is_service = true}; }

/// What the resolver knows.
std::vector<SocketAddress> addresses_of(const std::string& name) {
  static const std::map<std::string, std::vector<SocketAddress>> kNames = {
      {"redis", {ip("10.0.0.5")}},
      {"both", {ip("10.0.0.5"), ip("fd00::5")}},
      {"twice", {ip("10.0.0.5"), ip("10.0.0.6"), ip("10.0.0.5")}},
      {"ourselves", {ip("172.17.0.9")}},
      {"half", {ip("127.0.0.1"), ip("10.0.0.7")}},
      {"metadata", {ip("169.254.169.254")}},
      {"mapped-metadata", {ip("::ffff:169.254.169.254")}},
      {"link-local-v6", {ip("fe80::1")}},
      {"many-families",
       {ip("fd00::1"), ip("fd00::2"), ip("fd00::3"), ip("10.0.0.1"), ip("::ffff:10.0.0.2"), ip("fd00::4")}},
      {"four-first", {ip("10.0.0.1"), ip("10.0.0.2"), ip("fd00::1")}},
  };
  const auto found = kNames.find(name);
  return found == kNames.end() ? std::vector<SocketAddress>{} : found->second;
}

std::vector<ServiceServer> servers_of(const std::string& name) {
  const auto one = [](unsigned priority, unsigned weight, std::vector<SocketAddress> addresses) {
    return ServiceServer{{.priority = static_cast<std::uint16_t>(priority),
                          .weight = static_cast<std::uint16_t>(weight),
                          .host = "host",
                          .port = 80},
                         std::move(addresses)};
  };
  const SocketAddress a = ip("10.0.0.1"), b = ip("10.0.0.2"), c = ip("10.0.0.3"), six = ip("fd00::1");
  static const std::map<std::string, std::vector<ServiceServer>> kServices = {
      {"tiers", {one(10, 3, {a}), one(10, 1, {b}), one(20, 0, {c})}},
      {"zeros", {one(0, 65535, {a}), one(0, 0, {b})}},
      {"both-families", {one(0, 1, {a, six}), one(0, 1, {b})}},
      {"crowd", {one(0, 1, std::vector(1, a)), one(0, 0, {b, c, six})}},
      {"unresolved-first", {one(1, 1, {}), one(2, 1, {b})}},
      {"one-address", {one(0, 1, {a}), one(0, 2, {a}), one(1, 5, {a})}},
      {"half-ours", {one(0, 1, {ip("169.254.169.254"), a})}},
      {"ours", {one(0, 1, {ip("169.254.169.254")})}},
      {"four-first", {one(0, 1, {a, b, six})}},
  };
  const auto found = kServices.find(name);
  return found == kServices.end() ? std::vector<ServiceServer>{} : found->second;
}

const KnownNames kKnown{.addresses_of = addresses_of, .servers_of = servers_of};

/// On a host that listens on [::]:6379 and is 172.17.0.9.
EndpointList list(const std::vector<Target>& targets, const std::vector<ResolvedEndpoint>& before = {}) {
  const std::vector<SocketAddress> listeners = {ip("::", 6379)}, own = {ip("127.0.0.1"), ip("172.17.0.9")};
  return list_endpoints(targets, kKnown, {.listeners = listeners, .own = own, .before = before});
}

std::string listed_text(const EndpointList& list) {
  std::string text;
  for (const ResolvedEndpoint& endpoint : list.endpoints) text += endpoint.address.to_string() + " ";
  return text;
}

struct Listed {
  std::vector<Target> targets;
  std::string endpoints, refused;
  const char* because;
};

void PrintTo(const Listed& one, std::ostream* out) { *out << one.because; }

class ListEndpoints : public testing::TestWithParam<Listed> {};

TEST_P(ListEndpoints, GivesWhatMayBeDialled) {
  const EndpointList listed = list(GetParam().targets);
  std::string refused;
  for (const auto& one : listed.refused)
    refused += one.name + " " + one.address.to_string() + ": " + one.why + ";";
  EXPECT_EQ(listed_text(listed), GetParam().endpoints) << GetParam().because;
  EXPECT_EQ(refused, GetParam().refused) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Targets, ListEndpoints,
    testing::Values(
        Listed{{}, "", "", "nothing leads to nothing"},
        Listed{{literal(ip("10.0.0.1", 80))}, "10.0.0.1:80 ", "", "a literal stands for itself"},
        Listed{{named("redis", 6379)}, "10.0.0.5:6379 ", "", "a name gets the target's port"},
        Listed{{named("both", 80)}, "10.0.0.5:80 [fd00::5]:80 ", "", "in the resolver's order"},
        Listed{{named("many-families", 80)},
               "[fd00::1]:80 10.0.0.1:80 [fd00::2]:80 [::ffff:10.0.0.2]:80 [fd00::3]:80 [fd00::4]:80 ",
               "",
               "families take turns, the resolver's first one first"},
        Listed{{named("four-first", 80)}, "10.0.0.1:80 [fd00::1]:80 10.0.0.2:80 ", "", "whichever that is"},
        Listed{{named("four-first", 80), named("both", 80)},
               "10.0.0.1:80 [fd00::1]:80 10.0.0.2:80 10.0.0.5:80 [fd00::5]:80 ",
               "",
               "but targets keep their order"},
        Listed{{named("redis", 2), literal(ip("10.0.0.1", 1)), named("both", 3)},
               "10.0.0.5:2 10.0.0.1:1 10.0.0.5:3 [fd00::5]:3 ",
               "",
               "in the targets' order"},
        Listed{
            {named("twice", 80), literal(ip("10.0.0.6", 80))}, "10.0.0.5:80 10.0.0.6:80 ", "", "none twice"},
        Listed{{named("unknown", 80)}, "", "", "no answer, no endpoint"},
        Listed{{{.text = "f", .name = "unknown", .port = 80, .fallback = ip("10.0.0.8")}},
               "10.0.0.8:80 ",
               "",
               "a fallback when the name has no answer at all"},
        Listed{{{.text = "f", .name = "redis", .port = 80, .fallback = ip("10.0.0.8")}},
               "10.0.0.5:80 ",
               "",
               "and only then"},
        Listed{{named("ourselves", 6379)},
               "",
               "ourselves 172.17.0.9:6379: leads back to our own listener [::]:6379;",
               "a loop"},
        Listed{{named("ourselves", 6380)}, "172.17.0.9:6380 ", "", "another service of this host is none"},
        Listed{{named("half", 6379)},
               "10.0.0.7:6379 ",
               "half 127.0.0.1:6379: leads back to our own listener [::]:6379;",
               "only the address that leads back is refused"},
        Listed{{named("metadata", 80)},
               "",
               "metadata 169.254.169.254:80: link-local addresses are refused;",
               "cloud metadata is no upstream"},
        Listed{{named("mapped-metadata", 80)},
               "",
               "mapped-metadata [::ffff:169.254.169.254]:80: link-local addresses are refused;",
               "nor in its mapped spelling"},
        Listed{{named("link-local-v6", 80)},
               "",
               "link-local-v6 [fe80::1]:80: a link-local address of a name has no zone;",
               "nobody says which wire the neighbour is on"},
        Listed{{literal(ip("169.254.1.1", 80))},
               "169.254.1.1:80 ",
               "",
               "what was written as an address was meant"}));

struct ServiceCase {
  const char* service;
  std::string endpoints;  ///< Address, tier and weight.
  const char* because;
};

void PrintTo(const ServiceCase& one, std::ostream* out) { *out << one.because; }

class ListServers : public testing::TestWithParam<ServiceCase> {};

TEST_P(ListServers, GivesTierAndWeight) {
  std::string text;
  for (const ResolvedEndpoint& endpoint :
       list({literal(ip("10.9.9.9", 1)), service(GetParam().service)}).endpoints) {
    if (endpoint.target == 0) continue;
    EXPECT_TRUE(endpoint.is_service);
    EXPECT_EQ(endpoint.address.port(), 80) << "the record's, not the target's";
    text += endpoint.address.host() + "/" + std::to_string(endpoint.tier) + "/" +
            std::to_string(endpoint.weight) + " ";
  }
  EXPECT_EQ(text, GetParam().endpoints) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Services, ListServers,
    testing::Values(
        ServiceCase{"tiers", "10.0.0.1/0/192 10.0.0.2/0/64 10.0.0.3/1/1 ", "a tier is a priority's rank"},
        ServiceCase{"zeros", "10.0.0.1/0/4194240 10.0.0.2/0/1 ", "weight 0 has a very small chance"},
        ServiceCase{"both-families", "10.0.0.1/0/32 fd00::1/0/32 10.0.0.2/0/64 ",
                    "a server with two addresses has no more than its share"},
        ServiceCase{"crowd", "10.0.0.1/0/64 10.0.0.2/0/1 fd00::1/0/1 10.0.0.3/0/1 ", "a share is at least 1"},
        ServiceCase{"unresolved-first", "10.0.0.2/1/64 ", "a priority without an address keeps its rank"},
        ServiceCase{"one-address", "10.0.0.1/0/192 ", "records of one address add up, in the first tier"},
        ServiceCase{"half-ours", "10.0.0.1/0/64 ", "an address that is refused takes no share"},
        ServiceCase{"four-first", "10.0.0.1/0/21 fd00::1/0/21 10.0.0.2/0/21 ", "families take turns"},
        ServiceCase{"ours", "", "nor does it come in"}, ServiceCase{"unknown", "", "no answer, no server"}));

TEST(ListEndpointsOf, SeveralTargetsSaysWhichIsWhose) {
  const EndpointList listed = list({named("both", 1), literal(ip("10.0.0.1", 2)), named("redis", 3)});
  std::vector<std::uint32_t> targets;
  for (const ResolvedEndpoint& endpoint : listed.endpoints) {
    targets.push_back(endpoint.target);
    EXPECT_FALSE(endpoint.is_service);
    EXPECT_EQ(endpoint.weight, 1U);
    EXPECT_EQ(endpoint.tier, 0);
  }
  EXPECT_EQ(targets, (std::vector<std::uint32_t>{0, 0, 1, 2}));
}

TEST(ListEndpointsOf, ATargetThatLeadsOnlyToWhatIsRefusedKeepsThoseOfBefore) {
  const std::vector<Target> targets = {named("redis", 6379), named("ourselves", 6379), service("ours")};
  const std::vector<ResolvedEndpoint> before = {
      {.address = ip("10.0.0.4", 6379), .target = 0},
      {.address = ip("10.0.0.8", 6379), .target = 1},
      {.address = ip("10.0.0.9", 80), .target = 2, .tier = 1, .weight = 7, .is_service = true}};
  const EndpointList listed = list(targets, before);
  EXPECT_EQ(listed_text(listed), "10.0.0.5:6379 10.0.0.8:6379 10.0.0.9:80 ");
  EXPECT_EQ(listed.endpoints.back(), before.back());
  EXPECT_EQ(listed.refused.size(), 2U);
}

TEST(ListEndpointsOf, ATargetWithoutAnAnswerKeepsNothing) {
  EXPECT_EQ(listed_text(list({named("unknown", 80)}, {{.address = ip("10.0.0.4", 80), .target = 0}})), "");
}

TEST(ListEndpointsOf, ATargetThatIsRefusedInPartKeepsOnlyWhatItHasNow) {
  EXPECT_EQ(listed_text(list({named("half", 6379)}, {{.address = ip("10.0.0.4", 6379), .target = 0}})),
            "10.0.0.7:6379 ");
}

TEST(ListEndpointsOf, AnEndlessZoneIsBounded) {
  std::vector<SocketAddress> flood, metadata;
  for (unsigned i = 0; i < 2000; ++i) {
    const std::string end = std::to_string(i / 250) + "." + std::to_string(i % 250);
    flood.push_back(ip("10.1." + end));
    metadata.push_back(ip("169.254." + end));
  }
  const KnownNames known{
      .addresses_of = [&](const std::string& name) { return name == "flood" ? flood : metadata; },
      .servers_of = {}};
  const EndpointList listed = list_endpoints({named("flood", 1), named("metadata", 1)}, known,
                                             {.listeners = {}, .own = {}, .before = {}});
  EXPECT_EQ(listed.endpoints.size(), kEndpointsOfALink);
  EXPECT_EQ(listed.left_out, 2000 - kEndpointsOfALink);
  EXPECT_EQ(listed.refused.size(), 16U);
}

TEST(ListEndpointsOf, AFloodOfOneTargetLeavesTheOthersTheirPlace) {
  std::vector<SocketAddress> flood;
  for (unsigned i = 0; i < 250; ++i) flood.push_back(ip("10.1.0." + std::to_string(i)));
  const KnownNames known{.addresses_of = [&](const std::string&) { return flood; },
                         .servers_of =
                             [&](const std::string&) {
                               const ServiceRecord record{.host = "flood", .port = 80};
                               return std::vector<ServiceServer>{{record, flood, 7}};
                             }};
  const EndpointList listed =
      list_endpoints({named("flood", 1), service("floods"), literal(ip("10.0.0.1", 2))}, known,
                     {.listeners = {}, .own = {}, .before = {}});
  std::vector<std::size_t> counts(3);
  for (const ResolvedEndpoint& endpoint : listed.endpoints) ++counts[endpoint.target];
  EXPECT_EQ(counts, (std::vector<std::size_t>{127, 127, 1}));
  EXPECT_EQ(listed.left_out, 123 + 123 + 7U) << "and what the service itself left out";
}

}  // namespace
}  // namespace amb
