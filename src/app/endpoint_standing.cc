// SPDX-License-Identifier: Apache-2.0
//
// The endpoint keeper's word for each link, and the reason for it.
#include <algorithm>
#include <utility>

#include "app/endpoint_keeper.h"

namespace amb {

namespace {

constexpr std::size_t kMostReasons = 3;

void add_reason(std::string& text, std::size_t number, const std::string& reason) {
  if (number >= kMostReasons) return;
  if (!text.empty()) text += "; ";
  text += reason;
}

}  // namespace

/// The moment is right where whatever changed has just been told; a word that time alone has changed counts
/// from when the waiting began.
void EndpointKeeper::note_word(std::size_t link, const RouteUpdate& update) {
  State& state = states_[link];
  const SteadyTime now = std::chrono::steady_clock::now();
  const bool is_any_up = std::ranges::any_of(update.endpoints, &Endpoint::is_up);
  const bool waits_for_names = LinkResolver::has_names(links_[link]) && !state.has_answered;
  const bool is_unknown = !is_any_up && (update.is_settling || waits_for_names);
  if (!is_unknown) state.unknown_since.reset();
  if (is_unknown && !state.unknown_since) state.unknown_since = now;
  const bool is_late = is_unknown && (now >= *state.unknown_since + kSettling ||
                                      (waits_for_names && !resolver_.failing_names(link).empty()));
  const std::string_view word = update.is_drained        ? "drained"
                                : is_any_up              ? "up"
                                : is_unknown && !is_late ? "settling"
                                                         : "down";
  if (state.word == word) return;
  state.word = word;
  state.since = is_late ? *state.unknown_since : now;
}

Standing EndpointKeeper::standing(std::size_t link) {
  note_word(link, update_of(link, Cause::change));
  const State& state = states_[link];
  Standing standing{state.word, {}, state.since};
  if (state.word == "drained") standing.reason = "drained by a command";
  if (state.word == "settling") {
    standing.reason =
        state.endpoints.empty() ? "its names are being resolved" : "its first checks are under way";
  }
  if (state.word == "down") standing.reason = why_none_is_up(link);
  return standing;
}

std::string EndpointKeeper::why_none_is_up(std::size_t link) const {
  const State& state = states_.at(link);
  std::string text;
  std::size_t number = 0;
  if (state.endpoints.empty()) {
    for (const std::string& name : resolver_.failing_names(link)) {
      const auto error = name_errors_.find(name);
      add_reason(text, number++,
                 name + " does not resolve" + (error == name_errors_.end() ? "" : ": " + error->second));
    }
    if (number == 0) return "its names have no address";
  }
  for (const ResolvedEndpoint& endpoint : state.endpoints) {
    const std::string address = endpoint.address.to_string();
    const auto reason = state.reasons.find(address);
    const bool is_known = reason != state.reasons.end() && !reason->second.empty();
    add_reason(text, number++, address + ": " + (is_known ? reason->second : "no check has answered yet"));
  }
  if (number > kMostReasons) text += "; and " + std::to_string(number - kMostReasons) + " more";
  return text;
}

}  // namespace amb
