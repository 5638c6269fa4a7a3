// SPDX-License-Identifier: Apache-2.0
#include "wiring/well_known_ports.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace amb {

namespace {

struct Row {
  std::string_view alias;
  std::array<std::uint16_t, 5> ports;  ///< The first is the one clients use; 0 fills up.
};

// Sorted by alias. TCP only: statsd's 8125, for example, is UDP.
constexpr auto kTable = std::to_array<Row>({
    {"activemq", {61616, 5672, 61613, 1883, 8161}},
    {"arangodb", {8529}},
    {"cassandra", {9042}},
    {"clickhouse", {9000, 8123}},
    {"cockroachdb", {26257, 8080}},
    {"consul", {8500, 8600}},
    {"couchdb", {5984}},
    {"dragonfly", {6379}},
    {"elasticsearch", {9200, 9300}},
    {"etcd", {2379}},
    {"graphite", {2003, 80, 81, 8126}},
    {"influxdb", {8086}},
    {"kafka", {9092}},
    {"keydb", {6379}},
    {"mariadb", {3306}},
    {"meilisearch", {7700}},
    {"memcached", {11211}},
    {"minio", {9000}},
    {"mongo", {27017, 27018, 27019, 28017}},
    {"mongodb", {27017}},
    {"mosquitto", {1883}},
    {"mssql", {1433}},
    {"mysql", {3306}},
    {"nats", {4222}},
    {"neo4j", {7687, 7474}},
    {"omnisci", {6274, 6278}},
    {"opensearch", {9200}},
    {"postgis", {5432}},
    {"postgres", {5432}},
    {"postgresql", {5432}},
    {"pushpin", {5561, 7999, 5560, 5562, 5563}},
    {"qdrant", {6333, 6334}},
    {"rabbitmq", {5672, 4369, 35197, 15672}},
    {"redis", {6379}},
    {"rethinkdb", {28015, 29015, 8080}},
    {"solr", {8983}},
    {"timescaledb", {5432}},
    {"typesense", {8108}},
    {"valkey", {6379}},
    {"zookeeper", {2181}},
});
static_assert(std::ranges::is_sorted(kTable, {}, &Row::alias));

}  // namespace

std::span<const std::uint16_t> well_known_ports(std::string_view alias) {
  const std::string wanted = to_lower(alias);
  const auto row = std::ranges::lower_bound(kTable, std::string_view(wanted), {}, &Row::alias);
  if (row == kTable.end() || row->alias != wanted) return {};
  return std::span(row->ports)
      .first(static_cast<std::size_t>(std::ranges::find(row->ports, 0) - row->ports.begin()));
}

}  // namespace amb
