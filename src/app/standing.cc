// SPDX-License-Identifier: Apache-2.0
#include "app/standing.h"

#include <algorithm>
#include <string_view>

#include "base/unix_time.h"

namespace amb {

namespace {

using std::chrono::milliseconds;

// Fewer may be one consumer's bad luck.
constexpr std::uint64_t kEnoughFailures = 3;
// Whether it still fails after so long without a session nobody knows.
constexpr Milliseconds kRecently = 60'000;

constexpr std::size_t kMostNamed = 3;

using Links = std::vector<std::pair<std::string, Standing>>;

bool is_bad(const Standing& standing) { return standing.is("down") || standing.is("failing"); }

template <class Pick>
Links those(const Links& links, Pick pick) {
  Links picked;
  std::ranges::copy_if(links, std::back_inserter(picked),
                       [&](const auto& link) { return pick(link.second); });
  return picked;
}

SteadyTime first_since(const Links& links) {
  return std::ranges::min_element(links, {}, [](const auto& link) { return link.second.since; })
      ->second.since;
}

SteadyTime last_since(const Links& links) {
  return std::ranges::max_element(links, {}, [](const auto& link) { return link.second.since; })
      ->second.since;
}

/// "redis: 10.0.0.5:6379 refuses connections; web: …, and 4 more"
std::string named(const Links& links) {
  std::string text;
  for (std::size_t i = 0; i < std::min(links.size(), kMostNamed); ++i) {
    if (!text.empty()) text += "; ";
    text += links[i].first;
    if (!links[i].second.reason.empty()) text += ": " + links[i].second.reason;
  }
  if (links.size() > kMostNamed) text += ", and " + std::to_string(links.size() - kMostNamed) + " more";
  return text;
}

std::string how_many(const Links& some, const Links& all, std::string_view what) {
  if (all.size() == 1) return "the only link is " + std::string(what);
  return std::to_string(some.size()) + " of " + std::to_string(all.size()) + " links " +
         (some.size() == 1 ? "is " : "are ") + std::string(what);
}

Standing degraded(const Links& bad, const Links& all) {
  const bool is_any_down = std::ranges::any_of(bad, [](const auto& link) { return link.second.is("down"); });
  const bool is_any_failing =
      std::ranges::any_of(bad, [](const auto& link) { return link.second.is("failing"); });
  const std::string_view what = !is_any_failing ? "down" : is_any_down ? "down or failing" : "failing";
  return {"degraded", how_many(bad, all, what) + ": " + named(bad), first_since(bad)};
}

}  // namespace

std::optional<Standing> failing(const ConnectTrend& trend, const std::string& error, SteadyTime now) {
  if (trend.failed < kEnoughFailures || trend.last_failed_ago > kRecently) return std::nullopt;
  std::string reason =
      "none of the last " + std::to_string(trend.failed) + " sessions could connect to an endpoint";
  if (!error.empty()) reason += " (" + error + ")";
  return Standing{"failing", std::move(reason), now - milliseconds(trend.first_failed_ago)};
}

Standing judge(const ProgramFacts& facts) {
  if (facts.stopping_since) return {"stopping", "a signal asked for it", *facts.stopping_since};
  if (facts.full_since) {
    return {"at_limit", "all " + std::to_string(facts.most_sessions) + " sessions are in use; consumers wait",
            *facts.full_since};
  }
  if (facts.links.empty()) return {"ready", {}, facts.started};
  const Links drained = those(facts.links, [](const Standing& link) { return link.is("drained"); });
  if (drained.size() == facts.links.size())
    return {"draining", how_many(drained, facts.links, "drained"), last_since(drained)};
  if (const Links bad = those(facts.links, is_bad); !bad.empty()) return degraded(bad, facts.links);
  const Links settling = those(facts.links, [](const Standing& link) { return link.is("settling"); });
  if (!settling.empty()) {
    return {"settling", how_many(settling, facts.links, "settling") + ": " + named(settling),
            first_since(settling)};
  }
  return {"ready", {}, last_since(facts.links)};
}

std::int64_t unix_ms(SteadyTime moment) {
  const auto ago = std::chrono::steady_clock::now() - moment;
  return unix_time_ms() - std::chrono::duration_cast<milliseconds>(ago).count();
}

}  // namespace amb
