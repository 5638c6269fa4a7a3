// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_lookup.h"

#include <ares.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>

namespace amb {

namespace {

// A UDP answer holds thirty, a TCP answer could hold four thousand; nobody tries them all.
constexpr std::size_t kMostAddresses = 256;

int family_of(const SocketAddress& address) { return address.unmapped().family(); }

bool has_family(const std::vector<SocketAddress>& addresses, int family) {
  return std::ranges::count(addresses, family, family_of) != 0;
}

void read_addresses(const ares_addrinfo& result, NameAnswer& answer) {
  int ttl = answer.records.empty() ? INT32_MAX : static_cast<int>(answer.ttl.count());
  for (const auto* node = result.nodes; node != nullptr; node = node->ai_next) {
    const auto address = SocketAddress::from_kernel(node->ai_addr, node->ai_addrlen);
    if (!address.is_ip() || answer.records.size() == kMostAddresses) continue;
    ttl = std::min(ttl, node->ai_ttl);
    if (std::ranges::count(answer.records, address) == 0) answer.records.push_back(address);
  }
  for (const auto* alias = result.cnames; alias != nullptr; alias = alias->next)
    ttl = std::min(ttl, alias->ttl);
  if (answer.records.empty()) return;
  answer.kind = NameAnswer::Kind::found;
  answer.ttl = std::chrono::seconds(std::max(ttl, 0));
}

/// Asks for both families at once. c-ares then tells of a failed half only if it came last; so where that
/// could take addresses away, the family in doubt is asked for again, alone.
class NameLookup final : public ResolverChannel {
 public:
  NameLookup(boost::asio::io_context& io, NameQuestion question, OnAnswer<SocketAddress> on_answer)
      : ResolverChannel(io), question_(std::move(question)), on_answer_(std::move(on_answer)) {}
  ~NameLookup() override { close(); }

  void start() {
    if (const int status = open(question_.search_list); status != ARES_SUCCESS) {
      answer_.error = ::ares_strerror(status);
      return tell();
    }
    ask(AF_UNSPEC);
  }

 private:
  void ask(int family) {
    asked_family_ = family;
    ares_addrinfo_hints hints{};
    hints.ai_family = family;
    ::ares_getaddrinfo(
        channel(), question_.name.c_str(), nullptr, &hints,
        [](void* self, int status, int, ares_addrinfo* result) {
          auto* lookup = static_cast<NameLookup*>(self);
          if (!lookup->is_closed()) lookup->on_result(status, result);
          if (result != nullptr) ::ares_freeaddrinfo(result);
        },
        this);
    wait();
  }

  void on_result(int status, const ares_addrinfo* result) {
    const bool is_answer = status == ARES_SUCCESS || status == ARES_ENOTFOUND || status == ARES_ENODATA;
    const std::size_t before = answer_.records.size();
    if (status == ARES_SUCCESS && result != nullptr) read_addresses(*result, answer_);
    const bool is_empty = answer_.records.size() == before;
    if (asked_family_ == AF_UNSPEC) {
      if (is_empty) answer_.error = ::ares_strerror(status == ARES_SUCCESS ? ARES_ENODATA : status);
      if (is_empty && is_answer) answer_.kind = NameAnswer::Kind::none;
      collect_doubts();
    } else if (!is_answer) {
      failed_.push_back(asked_family_);
      failure_ = ::ares_strerror(status);
    }
    ask_next();
  }

  void collect_doubts() {
    using enum NameAnswer::Kind;
    if (answer_.kind == failed) return;
    for (const int family : {AF_INET, AF_INET6}) {
      const bool is_missing = !has_family(answer_.records, family);
      if (is_missing && (answer_.kind == none || has_family(question_.known, family)))
        doubts_.push_back(family);
    }
    // What the hosts file says, which has no time to live, is all of it.
    const bool may_be_hosts_file = answer_.kind == found && answer_.ttl == std::chrono::seconds(0);
    if (!doubts_.empty() && may_be_hosts_file && is_in_hosts_file()) doubts_.clear();
  }

  bool is_in_hosts_file() {
    return std::ranges::any_of(std::array{AF_INET, AF_INET6}, [this](int family) {
      hostent* host = nullptr;
      const int status = ::ares_gethostbyname_file(channel(), question_.name.c_str(), family, &host);
      if (status == ARES_SUCCESS) ::ares_free_hostent(host);
      return status == ARES_SUCCESS;
    });
  }

  void ask_next() {
    if (doubts_.empty()) return conclude();
    const int family = doubts_.back();
    doubts_.pop_back();
    ask(family);
  }

  void conclude() {
    using enum NameAnswer::Kind;
    if (answer_.kind == none && !failed_.empty()) {
      answer_.kind = failed;
      answer_.error = failure_;
    }
    if (answer_.kind == found) {
      answer_.error.clear();
      std::ranges::copy_if(question_.known, std::back_inserter(answer_.records), [this](const auto& address) {
        return std::ranges::count(failed_, family_of(address)) != 0;
      });
    }
    tell();
  }

  void tell() {
    if (!is_closed()) answer_.ttl = cap_ttl(answer_.ttl);
    finish([this] { on_answer_(std::move(answer_)); });
  }

  NameQuestion question_;
  OnAnswer<SocketAddress> on_answer_;
  NameAnswer answer_;
  int asked_family_ = AF_UNSPEC;
  std::vector<int> doubts_;  ///< Families to be asked for alone.
  std::vector<int> failed_;  ///< Those of them about which no server said anything.
  std::string failure_;
};

}  // namespace

void look_up_name(boost::asio::io_context& io, NameQuestion question, OnAnswer<SocketAddress> on_answer) {
  std::make_shared<NameLookup>(io, std::move(question), std::move(on_answer))->start();
}

}  // namespace amb
