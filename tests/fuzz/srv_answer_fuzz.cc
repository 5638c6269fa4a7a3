// SPDX-License-Identifier: Apache-2.0
//
// The answer of a name server that lists the servers of a service. The first byte chooses: records built from
// the bytes, of which it is known what must come out, or any bytes at all as a message, with c-ares's own
// reader as the judge.
#include <ares.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>

#include "discovery/srv_answer.h"
#include "fuzz/require.h"
#include "unit/discovery/dns_message.h"
#include "wiring/host_port.h"

namespace amb {
namespace {

using test::number16;
using test::number32;
using test::require;
using Kind = ServiceAnswer::Kind;

ServiceAnswer parse(std::string_view bytes) {
  return parse_srv_answer({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

/// Whether a server of this name and port can be dialled, said in another way than the product says it.
bool can_be_dialled(std::string_view host, unsigned port) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  return port != 0 && host.find_first_not_of(kPlain) == std::string_view::npos &&
         parse_host(host).has_value();
}

void require_sane(const ServiceAnswer& answer) {
  const auto& records = answer.records;
  require((answer.kind == Kind::found) == !records.empty(), "found is what has servers");
  require(answer.error.empty() == (answer.kind == Kind::found), "what is not found is told", answer.error);
  require(records.size() <= kMostServers, "servers are bounded");
  require(answer.ttl.count() >= 0 && answer.ttl.count() <= 0x7fffffff, "a time to live is 31 bits");
  for (std::size_t i = 0; i < records.size(); ++i) {
    require(can_be_dialled(records[i].host, records[i].port), "a server can be dialled", records[i].host);
    if (i == 0) continue;
    const auto& before = records[i - 1];
    require(before.priority <= records[i].priority, "priorities rise");
    require(before.priority < records[i].priority || before.weight >= records[i].weight, "weights fall");
    require(before != records[i], "no server comes twice", before.host);
  }
}

/// One record as the fuzzer wants it.
struct Row {
  std::uint32_t ttl;
  std::uint16_t port;
  std::uint8_t priority, weight, host, kind;
};
constexpr std::size_t kRowBytes = 10;
constexpr const char* kHosts[] = {"a.example",         "B.Example",   "10.0.0.1", "",
                                  "two words.example", "x_1.example", "[::1]"};

Row row_from(std::string_view bytes) {
  Row row{};
  std::memcpy(&row.ttl, bytes.data(), 4);
  std::memcpy(&row.port, bytes.data() + 4, 2);
  row.priority = static_cast<std::uint8_t>(bytes[6]);
  row.weight = static_cast<std::uint8_t>(bytes[7]);
  row.host = static_cast<std::uint8_t>(static_cast<std::uint8_t>(bytes[8]) % std::size(kHosts));
  row.kind = static_cast<std::uint8_t>(static_cast<std::uint8_t>(bytes[9]) % 8);
  return row;
}

std::string data_of(const Row& row) {
  // A host by a pointer to the question's name, or by its own.
  const std::string host = row.kind == 1 ? "\x01z\xc0\x0c" : test::wire_name(kHosts[row.host]);
  return number16(row.priority) + number16(row.weight) + number16(row.port) + host;
}

void require_exact(std::string_view bytes) {
  const test::Question question{.id = "id", .name = "_x._tcp.example", .type = ns_t_srv};
  test::Reply reply(question);
  std::vector<ServiceRecord> expected;
  std::uint32_t shortest = 0xffffffff;
  bool is_broken = false, names_root = false;
  for (; bytes.size() >= kRowBytes && expected.size() < kMostServers; bytes.remove_prefix(kRowBytes)) {
    const Row row = row_from(bytes);
    const std::string host = row.kind == 1 ? "z._x._tcp.example" : to_lower(kHosts[row.host]);
    std::string data = data_of(row);
    if (row.kind == 2) data += "more";  // the record is longer than its host
    is_broken = is_broken || row.kind == 2;
    const bool is_other = row.kind == 3;
    reply.record(is_other ? unsigned{ns_t_txt} : unsigned{ns_t_srv}, row.ttl, data);
    shortest = std::min(shortest, row.ttl > 0x7fffffff ? 0 : row.ttl);
    names_root = names_root || (!is_other && host.empty());
    if (!is_other && can_be_dialled(host, row.port) && !host.empty())
      expected.push_back({.priority = row.priority, .weight = row.weight, .host = host, .port = row.port});
  }
  const ServiceAnswer answer = parse(reply.bytes());
  require_sane(answer);
  require((answer.kind == Kind::failed) == is_broken, "broken is what was broken", answer.error);
  if (is_broken) return;
  for (const ServiceRecord& record : expected)
    require(std::ranges::count(answer.records, record) == 1, "every server is there", record.host);
  for (const ServiceRecord& record : answer.records)
    require(std::ranges::count(expected, record) != 0, "and no other", record.host);
  require((answer.error == "the service is not offered") == (expected.empty() && names_root),
          "the root is no server", answer.error);
  require(answer.records.empty() || answer.ttl.count() == shortest, "the shortest time to live counts");
}

void require_agreement(std::string_view bytes) {
  const ServiceAnswer answer = parse(bytes);
  require_sane(answer);
  if (answer.kind == Kind::failed) return;
  ares_srv_reply* first = nullptr;
  const int status = ::ares_parse_srv_reply(reinterpret_cast<const unsigned char*>(bytes.data()),
                                            static_cast<int>(bytes.size()), &first);
  const std::unique_ptr<ares_srv_reply, void (*)(void*)> owner(first, ::ares_free_data);
  require(status == ARES_SUCCESS || status == ARES_ENODATA, "what c-ares cannot read is broken",
          ::ares_strerror(status));
  std::size_t usable = 0;
  for (const auto* one = first; one != nullptr; one = one->next) {
    const std::string host = to_lower(one->host);
    if (host.empty() || !can_be_dialled(host, one->port)) continue;
    ++usable;
    const ServiceRecord record{
        .priority = one->priority, .weight = one->weight, .host = host, .port = one->port};
    require(std::ranges::count(answer.records, record) == 1 || answer.records.size() == kMostServers,
            "every server that c-ares reads is there", host);
  }
  require(answer.records.size() <= usable, "and no other");
}

}  // namespace
}  // namespace amb

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amb;
  const std::string_view bytes = test::as_text(data, size);
  if (bytes.starts_with('\x01')) {
    require_exact(bytes.substr(1));
  } else {
    require_agreement(bytes);
  }
  return 0;
}
