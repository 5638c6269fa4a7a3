// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_lookup.h"

#include <ares.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "discovery/endpoint_list.h"
#include "discovery/fair_share.h"
#include "discovery/resolver_channel.h"
#include "net/address_order.h"

namespace amb {

namespace {

using Clock = std::chrono::steady_clock;

// Of an answer without the family that was too slow: by then the name server may have it at hand.
constexpr std::chrono::seconds kHalfTtl{10};

int family_of(const SocketAddress& address) { return address.unmapped().family(); }

class NameLookup;

/// What is known of one name in one family.
struct Half {
  enum class State {
    asked,
    found,
    empty,         ///< The name has no address of this family.
    no_such_name,  ///< It has none of any, nor anything else.
    failed,        ///< No server says anything about it.
  };

  NameLookup* lookup = nullptr;
  int family = AF_INET;
  State state = State::asked;
  Clock::time_point at{};  ///< When it was asked for, then when the answer came.
  std::vector<SocketAddress> addresses;
  std::chrono::seconds ttl{0};
  std::string error;

  void read(int status, const ares_addrinfo* result);
};

/// One of the names that are asked for, in both families.
struct Step {
  std::array<Half, 2> halves;

  bool is(Half::State state) const {
    return std::ranges::any_of(halves, [state](const Half& half) { return half.state == state; });
  }
  bool is_done() const { return !is(Half::State::asked); }
  /// Until then the half that has not answered is waited for.
  Clock::time_point patience() const {
    Clock::time_point until = halves[0].at + kSilence;
    for (const Half& half : halves) {
      const bool says_all = half.state == Half::State::found || half.state == Half::State::no_such_name;
      if (says_all) until = std::min(until, half.at + kResolutionDelay);
    }
    return until;
  }
};

void Half::read(int status, const ares_addrinfo* result) {
  at = Clock::now();
  int shortest = INT32_MAX;
  if (status == ARES_SUCCESS && result != nullptr) {
    for (const auto* node = result->nodes; node != nullptr; node = node->ai_next) {
      const auto address = SocketAddress::from_kernel(node->ai_addr, node->ai_addrlen);
      if (!address.is_ip()) continue;
      shortest = std::min(shortest, node->ai_ttl);
      addresses.push_back(address.with_port(0));
    }
    for (const auto* alias = result->cnames; alias != nullptr; alias = alias->next)
      shortest = std::min(shortest, alias->ttl);
  }
  keep_same(addresses, kEndpointsOfALink);
  using enum State;
  state = !addresses.empty()                                 ? found
          : status == ARES_ENOTFOUND                         ? no_such_name
          : status == ARES_SUCCESS || status == ARES_ENODATA ? empty
                                                             : failed;
  ttl = std::chrono::seconds(state == found ? std::max(shortest, 0) : 0);
  if (state != found) error = ::ares_strerror(status == ARES_SUCCESS ? ARES_ENODATA : status);
}

class NameLookup final : public ResolverChannel {
 public:
  NameLookup(boost::asio::io_context& io, NameQuestion question, OnAnswer<SocketAddress> on_answer)
      : ResolverChannel(io),
        io_(io),
        pause_(io),
        question_(std::move(question)),
        on_answer_(std::move(on_answer)) {}
  ~NameLookup() override { close(); }

  void start(NameFiles& files) {
    std::vector<SocketAddress> given = files.hosts().find(question_.name);
    if (const auto literal = SocketAddress::from_ip(question_.name, 0)) given = {*literal};
    if (!given.empty()) {
      order_addresses(given);
      return tell({.kind = NameAnswer::Kind::found, .records = std::move(given), .error = {}});
    }
    if (const int status = open(files.next_resolv_conf()); status != ARES_SUCCESS)
      return tell({.error = ::ares_strerror(status)});
    names_ = names_to_ask(question_.name, conf(), question_.search_list);
    ask_next();
  }

 private:
  void ask_next() {
    Step& step = steps_.emplace_back();
    for (std::size_t i = 0; i < step.halves.size(); ++i) {
      Half& half = step.halves[i];
      half.lookup = this;
      half.family = i == 0 ? AF_INET : AF_INET6;
      half.at = Clock::now();
      ask(names_[steps_.size() - 1], half);
    }
    go_on();
  }

  void ask(const std::string& name, Half& half) {
    ares_addrinfo_hints hints{};
    hints.ai_family = half.family;
    hints.ai_flags = ARES_AI_NOSORT;
    ::ares_getaddrinfo(
        channel(), name.c_str(), nullptr, &hints,
        [](void* asked, int status, int, ares_addrinfo* result) {
          auto& of = *static_cast<Half*>(asked);
          if (!of.lookup->is_closed()) {
            of.read(status, result);
            of.lookup->go_on();
          }
          if (result != nullptr) ::ares_freeaddrinfo(result);
        },
        &half);
    wait();
  }

  /// Later, when no call of c-ares is on the stack.
  void go_on() {
    if (std::exchange(is_going_on_, true)) return;
    boost::asio::post(io_, [self = std::static_pointer_cast<NameLookup>(shared_from_this())] {
      self->is_going_on_ = false;
      if (!self->has_told_) self->decide();
    });
  }

  void decide() {
    const auto now = Clock::now();
    for (const Step& step : steps_) {
      if (!step.is(Half::State::found)) continue;
      if (step.is_done() || step.patience() <= now) return tell(answer_of(step));
      return go_on_at(step.patience());
    }
    const Step& last = steps_.back();
    if (steps_.size() < names_.size()) {
      if (last.is_done() || last.patience() <= now) return ask_next();
      return go_on_at(last.patience());
    }
    if (std::ranges::all_of(steps_, &Step::is_done)) tell(absence());
  }

  void go_on_at(Clock::time_point when) {
    pause_.expires_at(when);
    pause_.async_wait([self = shared_from_this(), this](const boost::system::error_code& error) {
      if (!error) go_on();
    });
  }

  NameAnswer answer_of(const Step& step) const {
    NameAnswer answer{.kind = NameAnswer::Kind::found, .ttl = std::chrono::seconds::max(), .error = {}};
    for (const Half& half : step.halves) {
      std::ranges::copy(half.addresses, std::back_inserter(answer.records));
      if (half.state == Half::State::found) answer.ttl = std::min(answer.ttl, half.ttl);
      if (half.state == Half::State::asked) answer.ttl = std::min(answer.ttl, kHalfTtl);
      if (half.state != Half::State::failed && half.state != Half::State::asked) continue;
      std::ranges::copy_if(question_.known, std::back_inserter(answer.records),
                           [&](const auto& address) { return family_of(address) == half.family; });
    }
    answer.ttl = cap_ttl(answer.ttl);
    order_addresses(answer.records);
    return answer;
  }

  /// No name has an address. Where about one of them nothing is known, nothing is known at all.
  NameAnswer absence() const {
    NameAnswer answer{.kind = NameAnswer::Kind::none, .error = {}};
    for (const Step& step : steps_) {
      for (const Half& half : step.halves) {
        const bool has_failed = half.state == Half::State::failed;
        if (has_failed || answer.kind == NameAnswer::Kind::none) answer.error = half.error;
        if (has_failed) answer.kind = NameAnswer::Kind::failed;
      }
    }
    return answer;
  }

  void tell(NameAnswer answer) {
    has_told_ = true;
    pause_.cancel();
    finish([this, answer = std::move(answer)]() mutable { on_answer_(std::move(answer)); });
  }

  boost::asio::io_context& io_;
  boost::asio::steady_timer pause_;
  NameQuestion question_;
  OnAnswer<SocketAddress> on_answer_;
  std::vector<std::string> names_;
  std::deque<Step> steps_;  ///< c-ares knows where its halves are.
  bool is_going_on_ = false;
  bool has_told_ = false;
};

}  // namespace

void look_up_name(boost::asio::io_context& io, NameFiles& files, NameQuestion question,
                  OnAnswer<SocketAddress> on_answer) {
  std::make_shared<NameLookup>(io, std::move(question), std::move(on_answer))->start(files);
}

}  // namespace amb
