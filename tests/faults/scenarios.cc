// SPDX-License-Identifier: Apache-2.0
#include "faults/scenarios.h"

#include <cerrno>

#include "faults/injection.h"
#include "net/socket.h"

namespace amb::test {

namespace {

constexpr std::size_t kMuch = 1 << 20;
constexpr std::size_t kLittle = 1000;

bool got(const End& end, std::size_t bytes) { return end.received() == bytes; }

/// 1 MiB each way at once; the consumer ends, and only then the provider gives its last answer and ends.
void exchange(Stage& stage) {
  auto& [consumer, provider, _] = stage.opens();
  consumer.sends(kMuch);
  provider.sends(kMuch);
  stage.until([&] { return got(consumer, kMuch) && got(provider, kMuch); });
  consumer.ends();
  stage.until([&] { return provider.saw_end(); });
  provider.sends(kLittle);
  provider.ends();
  stage.until_all_over();
  stage.undisturbed(got(provider, kMuch) && provider.saw_end(), "the provider gets all, then the end");
  stage.undisturbed(got(consumer, kMuch + kLittle) && consumer.saw_end(),
                    "the consumer gets all, then the end");
}

/// The consumer resets while both are sending.
void consumer_resets(Stage& stage) {
  auto& [consumer, provider, _] = stage.opens();
  consumer.sends(kMuch);
  provider.sends(kMuch);
  stage.until([&] { return consumer.received() >= kMuch / 4 && provider.received() >= kMuch / 4; });
  consumer.resets();
  stage.until_all_over();
  stage.undisturbed(provider.saw_reset(), "the provider sees the reset");
}

/// The provider answers and resets as soon as the ambassador's kernel has everything.
void provider_resets(Stage& stage) {
  auto& [consumer, provider, _] = stage.opens();
  consumer.sends(kLittle);
  provider.sends(kMuch);
  stage.until([&] {
    return provider.has_joined() && provider.has_sent_all() && got(provider, kLittle) &&
           unacknowledged_bytes(provider.fd()) == 0;
  });
  provider.resets();
  stage.until_all_over();
  stage.undisturbed(got(consumer, kMuch), "the consumer gets all that was delivered");
  stage.undisturbed(consumer.saw_reset(), "the consumer sees the reset");
}

/// A session is open, and has been looked at for silent peers, when the link drains.
void drain(Stage& stage) {
  auto& [consumer, provider, _] = stage.opens();
  consumer.sends(kLittle);
  stage.until([&] { return got(provider, kLittle) && calls(Call::getsockopt_info) >= 1; });
  stage.link().drain();
  provider.sends(kMuch);
  provider.ends();
  consumer.ends();
  stage.until_all_over();
  stage.undisturbed(got(provider, kLittle) && provider.saw_end(), "the provider gets all, then the end");
  stage.undisturbed(got(consumer, kMuch) && consumer.saw_end(), "the consumer gets all, then the end");
  stage.until_true([&] { return stage.link().is_drained(); });
}

/// Only one session may be open: the second consumer waits, silently, for the first to leave.
void limit(Stage& stage) {
  Conversation& first = stage.opens();
  first.consumer.sends(kLittle);
  stage.until([&] { return got(first.provider, kLittle); });
  Conversation& second = stage.opens();
  stage.until([&] { return stage.link().session_limit().has_value() || second.provider.has_joined(); });
  first.consumer.ends();
  first.provider.ends();
  second.provider.sends(kLittle);
  second.provider.ends();
  stage.until([&] { return got(second.consumer, kLittle); });
  second.consumer.sends(kLittle);
  second.consumer.ends();
  stage.until_all_over();
  for (const Conversation* each : {&first, &second}) {
    stage.undisturbed(got(each->provider, kLittle) && each->provider.saw_end(), "each provider gets all");
    stage.undisturbed(each->consumer.saw_end(), "each consumer sees the end");
  }
  stage.undisturbed(got(second.consumer, kLittle), "the second consumer gets all");
}

}  // namespace

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all{
      {.name = "exchange", .play = exchange},
      {.name = "consumer_resets", .play = consumer_resets},
      {.name = "provider_resets", .play = provider_resets},
      {.name = "drain", .play = drain, .drains = true},
      {.name = "limit", .play = limit, .max_sessions = 1},
      {.name = "failover", .play = exchange, .refuses_first = true},
      {.name = "sink_refuses_splice",
       .play = exchange,
       .needs_splicing = true,
       .standing = Fault{Call::splice_out, 1, Effect::fails, EINVAL, kAlways}},
      {.name = "same_port",
       .play = exchange,
       .standing = Fault{Call::getsockname, 1, Effect::same_port, 0, kAlways}},
  };
  return all;
}

}  // namespace amb::test
