// SPDX-License-Identifier: Apache-2.0
#include "faults/stage.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "faults/injection.h"
#include "net/socket.h"

namespace amb::test {

namespace {

constexpr std::chrono::seconds kDeadline{10};
constexpr int kLookAgainMs = 1;  // for what no descriptor tells

// A receive buffer so small that the link has to hold bytes back.
constexpr int kConsumerBufferBytes = 256 * 1024;

// A run takes a few hundred turns of the loop; with a byte at a time some thousand.
constexpr std::uint64_t kMostTurns = 20'000;

UniqueFd make_refuser() {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress any = *SocketAddress::from_ip("127.0.0.1", 0);
  EXPECT_EQ(::bind(fd.borrow(), any.raw(), any.raw_size()), 0);
  return fd;
}

LinkSetup link_setup(const StageSetup& setup, std::vector<SocketAddress> endpoints) {
  // All in the worker's time, which runs faster. Peers are looked at often; nothing here ever times out.
  const RouteLimits limits{
      .connect_timeout = 60'000, .connect_total = 60'000, .dead_peer = 5'000, .abort_flush = 60'000};
  return {.endpoints = std::move(endpoints),
          .limits = limits,
          .max_sessions = setup.max_sessions,
          .pipes = setup.relay == RelayKind::copy ? std::size_t{0} : std::size_t{8}};
}

std::string words(const End& end) {
  return std::string(" (") + std::to_string(end.sent()) + " sent, " + std::to_string(end.received()) +
         " received" + (end.saw_end() ? ", saw the end" : "") + (end.saw_reset() ? ", saw a reset" : "") +
         (end.has_sent_end() ? ", ended" : "") + (end.has_joined() ? ")" : ", never joined)");
}

}  // namespace

Stage::Stage(const StageSetup& setup)
    : setup_(setup), deadline_(std::chrono::steady_clock::now() + kDeadline) {
  std::vector<SocketAddress> endpoints{provider_.address()};
  if (setup.refuses_first) {
    refuser_ = make_refuser();
    endpoints.insert(endpoints.begin(), local_address(refuser_.borrow()));
  }
  link_.emplace(link_setup(setup, std::move(endpoints)));
}

Stage::~Stage() = default;

Conversation& Stage::opens() {
  for (Conversation& earlier : conversations_) {
    if (earlier.provider.has_joined() || !earlier.consumer.is_over()) continue;
    until_true([&] { return is_over(earlier); });
    earlier.was_never_connected = !earlier.provider.has_joined();
  }
  Conversation& conversation = conversations_.emplace_back();
  conversation.consumer.joins(Peer::connect_to(link_->address(), kConsumerBufferBytes));
  return conversation;
}

void Stage::take_visitors() {
  while (provider_.has_visitor()) {
    const auto next = std::ranges::find_if(conversations_, [](const Conversation& each) {
      return !each.provider.has_joined() && !each.was_never_connected;
    });
    if (next == conversations_.end()) {
      complain("the provider was visited once more than there are consumers");
      provider_.accepts().resets();
    } else {
      next->provider.joins(provider_.accepts());
    }
  }
}

bool Stage::is_over(const Conversation& conversation) const {
  if (!conversation.consumer.is_over()) return false;
  if (conversation.provider.has_joined()) return conversation.provider.is_over();
  return link_->open_sessions() == 0 && !provider_.has_visitor();
}

bool Stage::are_all_over() {
  return std::ranges::all_of(conversations_, [&](const Conversation& each) { return is_over(each); });
}

/// Moves what can be moved, then sleeps until there is more.
void Stage::turn() {
  take_visitors();
  std::vector<pollfd> wishes;
  for (Conversation& each : conversations_) {
    wishes.push_back(each.consumer.step());
    wishes.push_back(each.provider.step());
  }
  (void)::poll(wishes.data(), wishes.size(), kLookAgainMs);
  for (std::size_t i = 0; i < conversations_.size(); ++i) {
    conversations_[i].consumer.sees(wishes[2 * i].revents);
    conversations_[i].provider.sees(wishes[2 * i + 1].revents);
  }
}

void Stage::until(const std::function<bool()>& condition) {
  while (!condition() && !are_all_over()) {
    if (is_late()) return complain("it hangs");
    turn();
  }
}

void Stage::until_true(const std::function<bool()>& condition) {
  while (!condition()) {
    if (is_late()) return complain("it hangs, waiting for what the worker reports");
    turn();
  }
}

void Stage::undisturbed(bool holds, const std::string& sentence) {
  if (!holds && !setup_.is_disturbed) complain("not so: " + sentence);
}

/// Every session that a worker accepted was exact or gave one reason, and only one.
void Stage::settles() {
  const auto exact = std::ranges::count_if(conversations_, &Conversation::is_exact);
  const auto broken = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(accepted()) - exact);
  until_true([&] { return link_->open_sessions() == 0 && link_->failures().size() >= broken; });
  if (link_->failures().size() > broken && !setup_.is_end_uncertain)
    complain("a session that was exact gave a reason to have failed");
  take_visitors();
  for (const Conversation& each : conversations_) judge(each);
  if (calls(Call::epoll_wait) > kMostTurns) {
    complain("it spins: " + std::to_string(calls(Call::epoll_wait)) + " turns");
  }
}

void Stage::judge(const Conversation& conversation) {
  judge_direction(conversation.consumer, conversation.provider, "to the provider: ");
  judge_direction(conversation.provider, conversation.consumer, "to the consumer: ");
}

/// The one rule: an end only after everything, anything else is a reset.
void Stage::judge_direction(const End& from, const End& to, const std::string& what) {
  if (to.got_wrong_bytes()) complain(what + "wrong bytes" + words(from) + words(to));
  if (to.received() > from.sent()) complain(what + "bytes that nobody sent" + words(from) + words(to));
  if (to.saw_end() && (!from.has_sent_end() || to.received() != from.sent())) {
    complain(what + "an end that was made up, after " + std::to_string(to.received()) + " bytes" +
             words(from) + words(to));
  }
  if (to.has_joined() && !to.saw_end() && !to.saw_reset() && !to.has_reset()) {
    complain(what + "neither the end nor a reset" + words(from) + words(to));
  }
}

void Stage::serves_another() {
  Peer consumer = Peer::connect_to(link_->address());
  consumer.sends("still there?");
  consumer.ends();
  Peer service = provider_.accepts();
  if (!service.is_connected()) return complain("no fresh session gets through");
  service.expects("still there?");
  service.expects_end();
  service.sends("yes");
  service.closes();
  consumer.expects("yes");
  consumer.expects_end();
  consumer.closes();
  until_true([&] { return link_->open_sessions() == 0; });
}

std::vector<std::string> Stage::close() {
  conversations_.clear();
  link_.reset();
  return complaints_;
}

}  // namespace amb::test
