// SPDX-License-Identifier: Apache-2.0
#include "app/target_lookup.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <utility>
#include <vector>

#include "base/await.h"
#include "base/text.h"

namespace amb {

namespace {

namespace asio = boost::asio;

/// The questions about one target. Their answers may come when nobody waits for them any more.
struct TargetQuestions {
  TargetQuestions(asio::io_context& io, std::weak_ptr<const Urgency> its_urgency)
      : urgency(std::move(its_urgency)), done(io) {}

  void ended() {
    if (--missing == 0) done.cancel();
  }
  template <class Record>
  void note_failure(const Answer<Record>& answer) {
    using Kind = typename Answer<Record>::Kind;
    if (answer.kind == Kind::none) why = "does not resolve";
    if (answer.kind == Kind::failed) why = "does not resolve: " + escape_text(answer.error);
  }

  std::weak_ptr<const Urgency> urgency;  ///< Ends with who asks: what has not begun then never does.
  asio::steady_timer done;
  std::size_t missing = 0;
  std::vector<SocketAddress> addresses;
  std::vector<ServiceServer> servers;
  std::string why;  ///< Of the last failure.
};
using SharedQuestions = std::shared_ptr<TargetQuestions>;

void ask_name(const SharedQuestions& questions, const LookUpsOnce& look_ups, const std::string& name) {
  ++questions->missing;
  look_ups.name({.name = name, .known = {}, .urgency = questions->urgency},
                [questions](Answer<SocketAddress> answer) {
                  questions->note_failure(answer);
                  questions->addresses = std::move(answer.records);
                  questions->ended();
                });
}

void ask_host(const SharedQuestions& questions, const LookUpsOnce& look_ups, std::size_t server) {
  ++questions->missing;
  look_ups.service.host(
      {.name = questions->servers[server].record.host, .known = {}, .urgency = questions->urgency},
      [questions, server](Answer<SocketAddress> answer) {
        questions->note_failure(answer);
        questions->servers[server].addresses = std::move(answer.records);
        questions->ended();
      });
}

void ask_service(const SharedQuestions& questions, const std::shared_ptr<const LookUpsOnce>& look_ups,
                 const std::string& name) {
  ++questions->missing;
  look_ups->service.service({.name = name, .known = {}, .urgency = questions->urgency},
                            [questions, look_ups](Answer<ServiceRecord> answer) {
                              questions->note_failure(answer);
                              std::ranges::sort(answer.records, comes_before);
                              if (answer.records.size() > kMostHostsOnce)
                                answer.records.resize(kMostHostsOnce);
                              for (ServiceRecord& record : answer.records)
                                questions->servers.push_back({.record = std::move(record), .addresses = {}});
                              const bool is_waited_for = !questions->urgency.expired();
                              for (std::size_t i = 0; is_waited_for && i < questions->servers.size(); ++i)
                                ask_host(questions, *look_ups, i);
                              questions->ended();
                            });
}

KnownNames known_from(const SharedQuestions& questions) {
  return {.addresses_of = [questions](const std::string&) { return questions->addresses; },
          .servers_of = [questions](const std::string&) { return questions->servers; }};
}

LookedUp conclude(const SharedQuestions& questions, const LookUpsOnce& look_ups, const Target& target,
                  const std::string& said_timeout) {
  LookedUp found{.list = look_ups.list({target}, known_from(questions)), .why = questions->why};
  if (questions->missing > 0) found.why = "no answer from a name server within " + said_timeout;
  if (found.why.empty()) found.why = "does not resolve";
  return found;
}

}  // namespace

asio::awaitable<LookedUp> look_up_target(asio::io_context& io, std::shared_ptr<const LookUpsOnce> look_ups,
                                         Target target, std::chrono::steady_clock::time_point until,
                                         std::string said_timeout) {
  const auto urgency = std::make_shared<const Urgency>(Urgency::due);
  const auto questions = std::make_shared<TargetQuestions>(io, urgency);
  if (target.is_service) {
    ask_service(questions, look_ups, target.name);
  } else if (!target.name.empty()) {
    ask_name(questions, *look_ups, target.name);
  }
  if (questions->missing > 0) {
    questions->done.expires_at(until);
    (void)co_await questions->done.async_wait(kAwait);
  }
  co_return conclude(questions, *look_ups, target, said_timeout);
}

}  // namespace amb
