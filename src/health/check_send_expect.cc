// SPDX-License-Identifier: Apache-2.0
#include "health/check_send_expect.h"

#include <algorithm>
#include <string>

namespace amb {

namespace {

constexpr std::size_t kMostShownBytes = 60;

/// What there was instead, so that people see whether the server or the expectation is wrong.
Verdict unmet(const Conversation& talk) {
  Verdict failure = talk.failure();
  const std::string_view got = talk.rest();
  if (!got.empty()) failure.why.append(", after: ").append(got.substr(0, kMostShownBytes));
  return not_well(std::move(failure.why));
}

/// Until it has come.
boost::asio::awaitable<bool> wait_for(Conversation& talk, const std::string& expected) {
  std::size_t searched = 0;
  while (talk.rest().find(expected, searched) == std::string_view::npos) {
    // Its beginning may have come already.
    searched = talk.rest().size() - std::min(talk.rest().size(), expected.size());
    if (!co_await talk.read_more()) co_return false;
  }
  co_return true;
}

}  // namespace

boost::asio::awaitable<Verdict> check_send_expect(Conversation& talk, const HealthOptions& options) {
  if (!options.banner.empty()) {
    // Named, as GCC 12 miscompiles a nested `if (!co_await ...)`: the coroutine resumes beside its frame.
    const bool has_come = co_await wait_for(talk, options.banner);
    if (!has_come) co_return unmet(talk);
    talk.skip_rest();  // all of it came before the question, so none of it answers that
  }
  if (!options.send.empty()) co_await talk.send(options.send);
  if (!co_await wait_for(talk, options.expect)) co_return unmet(talk);
  co_return well("what is expected comes back");
}

}  // namespace amb
