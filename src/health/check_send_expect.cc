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

}  // namespace

boost::asio::awaitable<Verdict> check_send_expect(Conversation& talk, const HealthOptions& options) {
  if (!options.send.empty()) co_await talk.send(options.send);
  const std::string& expected = options.expect;
  std::size_t searched = 0;
  while (talk.rest().find(expected, searched) == std::string_view::npos) {
    // Its beginning may have come already.
    searched = talk.rest().size() - std::min(talk.rest().size(), expected.size());
    if (!co_await talk.read_more()) co_return unmet(talk);
  }
  co_return well("what is expected comes back");
}

}  // namespace amb
