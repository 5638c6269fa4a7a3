// SPDX-License-Identifier: Apache-2.0
//
// One check of a scripted server, from connecting to verdict.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "health/ask.h"
#include "health/conversation.h"
#include "unit/health/scripted_server.h"

namespace amb::test {

/// For tests that are not about time: no machine is so slow.
inline HealthOptions options_for(HealthOptions::Kind kind) {
  HealthOptions options;
  options.kind = kind;
  options.timeout = kDeadline;
  return options;
}

inline awaitable<void> keep_verdict(std::shared_ptr<Conversation> talk, SocketAddress endpoint,
                                    HealthOptions options, SaltedPasswords& salted,
                                    std::optional<Verdict>& into) {
  into = co_await ask(*talk, endpoint, options, salted);
}

/// The verdict on whatever is at `endpoint`. Returns once it is there and the script, if any, is at its end.
inline Verdict verdict_on(asio::io_context& io, const SocketAddress& endpoint, const HealthOptions& options,
                          const ScriptedServer* server = nullptr) {
  KeyDerivation derivation(io);
  SaltedPasswords salted(derivation);
  std::optional<Verdict> verdict;
  {
    auto talk = std::make_shared<Conversation>(io, options.timeout);
    asio::co_spawn(io, keep_verdict(std::move(talk), endpoint, options, salted, verdict), asio::detached);
  }
  run_until(io, [&] { return verdict && (server == nullptr || server->present() == 0); });
  return verdict.value_or(undecided("there is no verdict"));
}

inline Verdict verdict_of(const HealthOptions& options, Script script) {
  asio::io_context io;
  const ScriptedServer server(io, std::move(script));
  return verdict_on(io, server.address(), options, &server);
}

/// Answers each thing that is heard, up to `mark`, by the next of `answers`, and then waits for the end.
inline Script answering(std::string mark, std::vector<std::string> answers) {
  return [mark, answers](Line& line) -> awaitable<void> {
    for (const std::string& answer : answers) {
      (void)co_await line.read_until(mark);
      co_await line.say(answer);
    }
    (void)co_await line.read_to_end();
  };
}

}  // namespace amb::test
