// SPDX-License-Identifier: Apache-2.0
#include "discovery/endpoint_list.h"

#include <gtest/gtest.h>

#include <map>

#include "unit/support/sockets.h"

namespace amb {
namespace {

using test::ip;

Target at(const SocketAddress& address) {
  return {.text = "literal", .port = address.port(), .address = address};
}
Target named(std::string name, std::uint16_t port) {
  return {.text = "name", .name = std::move(name), .port = port};
}

/// What the resolver knows.
std::vector<SocketAddress> known(const std::string& name) {
  static const std::map<std::string, std::vector<SocketAddress>> kNames = {
      {"redis", {ip("10.0.0.5")}},
      {"both", {ip("10.0.0.5"), ip("fd00::5")}},
      {"twice", {ip("10.0.0.5"), ip("10.0.0.6"), ip("10.0.0.5")}},
      {"ourselves", {ip("172.17.0.9")}},
      {"half", {ip("127.0.0.1"), ip("10.0.0.7")}},
      {"metadata", {ip("169.254.169.254")}},
      {"mapped-metadata", {ip("::ffff:169.254.169.254")}},
      {"link-local-v6", {ip("fe80::1")}},
  };
  const auto found = kNames.find(name);
  return found == kNames.end() ? std::vector<SocketAddress>{} : found->second;
}

struct Case {
  std::vector<Target> targets;
  std::string endpoints, refused;
  const char* because;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.because; }

class ListEndpoints : public testing::TestWithParam<Case> {};

/// On a host that listens on [::]:6379 and is 172.17.0.9.
TEST_P(ListEndpoints, GivesWhatMayBeDialled) {
  const EndpointList list =
      list_endpoints(GetParam().targets, known, {ip("::", 6379)}, {ip("127.0.0.1"), ip("172.17.0.9")});
  std::string endpoints, refused;
  for (const SocketAddress& endpoint : list.endpoints) endpoints += endpoint.to_string() + " ";
  for (const auto& one : list.refused)
    refused += one.name + " " + one.address.to_string() + ": " + one.why + ";";
  EXPECT_EQ(endpoints, GetParam().endpoints) << GetParam().because;
  EXPECT_EQ(refused, GetParam().refused) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Targets, ListEndpoints,
    testing::Values(
        Case{{}, "", "", "nothing leads to nothing"},
        Case{{at(ip("10.0.0.1", 80))}, "10.0.0.1:80 ", "", "a literal stands for itself"},
        Case{{named("redis", 6379)}, "10.0.0.5:6379 ", "", "a name gets the target's port"},
        Case{{named("both", 80)}, "10.0.0.5:80 [fd00::5]:80 ", "", "in the resolver's order"},
        Case{{named("redis", 2), at(ip("10.0.0.1", 1)), named("both", 3)},
             "10.0.0.5:2 10.0.0.1:1 10.0.0.5:3 [fd00::5]:3 ",
             "",
             "in the targets' order"},
        Case{{named("twice", 80), at(ip("10.0.0.6", 80))}, "10.0.0.5:80 10.0.0.6:80 ", "", "none twice"},
        Case{{named("unknown", 80)}, "", "", "no answer, no endpoint"},
        Case{{{.text = "f", .name = "unknown", .port = 80, .fallback = ip("10.0.0.8")}},
             "10.0.0.8:80 ",
             "",
             "a fallback when the name has no answer at all"},
        Case{{{.text = "f", .name = "redis", .port = 80, .fallback = ip("10.0.0.8")}},
             "10.0.0.5:80 ",
             "",
             "and only then"},
        Case{{named("ourselves", 6379)},
             "",
             "ourselves 172.17.0.9:6379: leads back to our own listener [::]:6379;",
             "a loop"},
        Case{{named("ourselves", 6380)}, "172.17.0.9:6380 ", "", "another service of this host is none"},
        Case{{named("half", 6379)},
             "10.0.0.7:6379 ",
             "half 127.0.0.1:6379: leads back to our own listener [::]:6379;",
             "only the address that leads back is refused"},
        Case{{named("metadata", 80)},
             "",
             "metadata 169.254.169.254:80: link-local addresses are refused;",
             "cloud metadata is no upstream"},
        Case{{named("mapped-metadata", 80)},
             "",
             "mapped-metadata [::ffff:169.254.169.254]:80: link-local addresses are refused;",
             "nor in its mapped spelling"},
        Case{{named("link-local-v6", 80)}, "[fe80::1]:80 ", "", "a neighbour on the same wire may be one"},
        Case{
            {at(ip("169.254.1.1", 80))}, "169.254.1.1:80 ", "", "what was written as an address was meant"}));

}  // namespace
}  // namespace amb
