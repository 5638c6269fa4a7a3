// SPDX-License-Identifier: Apache-2.0
#include "wiring/well_known_ports.h"

#include <gtest/gtest.h>

#include <vector>

namespace amb {
namespace {

std::vector<std::uint16_t> ports(std::string_view alias) {
  const auto found = well_known_ports(alias);
  return {found.begin(), found.end()};
}

TEST(WellKnownPorts, KnowTheServicesOfDokkusPlugins) {
  const std::pair<const char*, std::vector<std::uint16_t>> kRows[] = {
      {"clickhouse", {9000, 8123}},
      {"couchdb", {5984}},
      {"elasticsearch", {9200, 9300}},
      {"mariadb", {3306}},
      {"meilisearch", {7700}},
      {"memcached", {11211}},
      {"mongo", {27017, 27018, 27019, 28017}},
      {"mysql", {3306}},
      {"nats", {4222}},
      {"omnisci", {6274, 6278}},
      {"postgres", {5432}},
      {"pushpin", {5561, 7999, 5560, 5562, 5563}},
      {"rabbitmq", {5672, 4369, 35197, 15672}},
      {"redis", {6379}},
      {"rethinkdb", {28015, 29015, 8080}},
      {"solr", {8983}},
      {"typesense", {8108}}};
  for (const auto& [alias, expected] : kRows) EXPECT_EQ(ports(alias), expected) << alias;
}

TEST(WellKnownPorts, AreLookedUpInAnyCaseAndByTheWholeAlias) {
  EXPECT_EQ(ports("Redis"), (std::vector<std::uint16_t>{6379}));
  for (const auto* alias : {"", "redis2", "my-redis", "redi", "zzz", "db"})
    EXPECT_TRUE(ports(alias).empty()) << alias;
}

}  // namespace
}  // namespace amb
