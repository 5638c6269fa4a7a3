// SPDX-License-Identifier: Apache-2.0
#include "discovery/srv_answer.h"

#include <ares.h>
#include <arpa/nameser.h>

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "wiring/host_port.h"

namespace amb {

namespace {

constexpr std::size_t kLongestMessage = 65535;
constexpr std::uint32_t kTtlSign = 0x80000000;

/// Walks through a message. Whatever does not fit makes it broken, and then it yields zeros.
class Reader {
 public:
  explicit Reader(std::span<const unsigned char> bytes) : bytes_(bytes) {
    is_broken_ = bytes.size() > kLongestMessage;
  }

  bool is_broken() const { return is_broken_; }
  std::size_t at() const { return at_; }
  void skip(std::size_t count) { (void)take(count); }
  void fail() { is_broken_ = true; }

  std::uint16_t number16() {
    const auto bytes = take(2);
    return bytes.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
  }
  std::uint32_t number32() {
    const std::uint32_t high = number16();
    return high << 16 | number16();
  }

  /// "" is the root. c-ares follows compression, and no loop of it.
  std::string name() {
    char* text = nullptr;
    long size = 0;
    const unsigned char* here = bytes_.data() + at_;
    if (is_broken_ || at_ >= bytes_.size() ||
        ::ares_expand_name(here, bytes_.data(), static_cast<int>(bytes_.size()), &text, &size) !=
            ARES_SUCCESS) {
      is_broken_ = true;
      return {};
    }
    std::string name(text);
    ::ares_free_string(text);
    skip(static_cast<std::size_t>(size));
    return name;
  }

 private:
  std::span<const unsigned char> take(std::size_t count) {
    is_broken_ = is_broken_ || count > bytes_.size() - at_;
    if (is_broken_) return {};
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }

  std::span<const unsigned char> bytes_;
  std::size_t at_ = 0;
  bool is_broken_ = false;
};

struct Found {
  std::vector<ServiceRecord> records;
  std::uint32_t ttl = UINT32_MAX;
  bool names_root = false;  ///< "The service is decidedly not available at this domain."
};

/// A server that cannot be dialled is passed over: a port 0, or a host that is no name. One that is an IPv4
/// address is against the letter of RFC 2782, and what some zones say.
void add_server(ServiceRecord record, Found& found) {
  if (record.host.empty()) {
    found.names_root = true;
    return;
  }
  record.host = to_lower(record.host);
  const bool may_be_name = record.host.find_first_of("[:") == std::string::npos && parse_host(record.host);
  if (record.port != 0 && may_be_name) found.records.push_back(std::move(record));
}

void read_record(Reader& reader, Found& found) {
  (void)reader.name();  // the question's, or where an alias leads
  const std::uint16_t type = reader.number16(), dns_class = reader.number16();
  const std::uint32_t ttl = reader.number32();
  const std::size_t size = reader.number16(), start = reader.at();
  if (dns_class != ns_c_in || type != ns_t_srv) {
    reader.skip(size);
  } else {
    ServiceRecord record;
    record.priority = reader.number16();
    record.weight = reader.number16();
    record.port = reader.number16();
    record.host = reader.name();
    if (reader.at() - start != size) reader.fail();  // the name ends before its record or after it
    if (reader.is_broken()) return;
    add_server(std::move(record), found);
  }
  // An alias on the way counts too; a negative time is none (RFC 2181).
  found.ttl = std::min(found.ttl, (ttl & kTtlSign) != 0 ? 0 : ttl);
}

}  // namespace

bool comes_before(const ServiceRecord& a, const ServiceRecord& b) {
  return std::tie(a.priority, b.weight, a.host, a.port) < std::tie(b.priority, a.weight, b.host, b.port);
}

ServiceAnswer parse_srv_answer(std::span<const unsigned char> message) {
  using Kind = ServiceAnswer::Kind;
  Reader reader(message);
  reader.skip(4);  // identifier and flags
  const std::uint16_t questions = reader.number16(), answers = reader.number16();
  reader.skip(4);  // how many records follow that are no answers
  if (questions != 1) return {.kind = Kind::failed, .error = "the answer is to no question of ours"};
  (void)reader.name();
  reader.skip(4);  // type and class

  Found found;
  for (std::uint16_t i = 0; i < answers && !reader.is_broken(); ++i) read_record(reader, found);
  if (reader.is_broken()) return {.kind = Kind::failed, .error = "the answer is broken"};
  auto& records = found.records;
  std::ranges::sort(records, comes_before);
  records.erase(std::ranges::unique(records).begin(), records.end());
  if (records.size() > kMostServers) records.resize(kMostServers);
  if (records.empty()) {
    return {.kind = Kind::none,
            .error = found.names_root ? "the service is not offered" : "no server that can be dialled"};
  }
  return {.kind = Kind::found, .records = std::move(records), .ttl = std::chrono::seconds(found.ttl)};
}

}  // namespace amb
