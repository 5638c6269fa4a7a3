// SPDX-License-Identifier: Apache-2.0
#include "admin/api_request.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <optional>
#include <span>
#include <utility>

#include "base/text.h"
#include "wiring/duration.h"
#include "wiring/option_values.h"
#include "wiring/target_url.h"

namespace amb {

namespace {

namespace json = boost::json;

constexpr std::size_t kMostSessions = 10000;
constexpr auto kNoKeys = std::span<const std::string_view>();

std::unexpected<ControlError> complain(std::string what, std::string accepted) {
  return std::unexpected(ControlError{422, std::move(what), std::move(accepted), {}});
}

std::string quote(std::string_view text) { return "'" + escape_text(text, 80) + "'"; }

/// `kind` is "key" or "parameter".
std::unexpected<ControlError> unknown(std::string_view kind, std::string_view name,
                                      std::span<const std::string_view> known) {
  std::string what = std::string(kind) + " " + quote(name) + " is not known";
  if (const auto near = nearest_word(name, known)) what += "; did you mean " + std::string(*near) + "?";
  return complain(std::move(what), known.empty() ? "no " + std::string(kind) + " at all" : join_words(known));
}

Controlled<json::object> read_body(std::string_view body, std::span<const std::string_view> known) {
  const bool is_blank = body.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (is_blank) return json::object();
  boost::system::error_code error;
  auto value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error || !value.is_object()) {
    return std::unexpected(ControlError{400,
                                        "the body of the request is no JSON object" +
                                            (error ? ": " + escape_text(error.message()) : std::string()),
                                        known.empty() ? "{}" : "an object with " + join_words(known),
                                        {}});
  }
  for (const auto& [name, ignored] : value.get_object()) {
    if (std::ranges::find(known, std::string_view(name.data(), name.size())) == known.end())
      return unknown("key", {name.data(), name.size()}, known);
  }
  return std::move(value.get_object());
}

/// Nothing when there is none.
Controlled<std::optional<std::string>> text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_string()) return complain("key '" + std::string(key) + "' is no text", "a JSON string");
  return std::string(value->get_string().data(), value->get_string().size());
}

Controlled<bool> flag_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr || value->is_null()) return false;
  if (!value->is_bool())
    return complain("key '" + std::string(key) + "' is neither true nor false", "true or false");
  return value->get_bool();
}

/// A whole number of milliseconds, `otherwise` when there is none.
Controlled<std::chrono::milliseconds> milliseconds_of(const json::object& object, std::string_view key,
                                                      std::chrono::milliseconds otherwise,
                                                      std::chrono::milliseconds least,
                                                      std::chrono::milliseconds most) {
  const auto* value = object.if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr || value->is_null()) return otherwise;
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error || number < least.count() || number > most.count()) {
    return complain(
        "key '" + std::string(key) + "' is no such time",
        "milliseconds from " + std::to_string(least.count()) + " to " + std::to_string(most.count()));
  }
  return std::chrono::milliseconds(number);
}

constexpr auto kUpstreamAccepted = R"("tcp://host:port", several separated by commas or in an array)";

/// One text may hold several, as in the value of a variable.
void add_targets(std::string_view text, std::vector<std::string>& targets) {
  for (const auto target : split(text, ',')) targets.emplace_back(trim(target));
}

Controlled<std::vector<std::string>> upstream_of(const json::object& object) {
  std::vector<std::string> targets;
  const auto* value = object.if_contains("upstream");
  if (value == nullptr || value->is_null()) return targets;
  const auto wrong = [] { return complain("key 'upstream' names no targets", kUpstreamAccepted); };
  if (!value->is_array() && !value->is_string()) return wrong();
  const std::span<const json::value> all =
      value->is_array() ? std::span(value->get_array().begin(), value->get_array().size())
                        : std::span(value, 1);
  for (const auto& one : all) {
    if (!one.is_string()) return wrong();
    add_targets({one.get_string().data(), one.get_string().size()}, targets);
  }
  if (targets.size() > kMostTargets)
    return complain("key 'upstream' names too many targets", "at most " + std::to_string(kMostTargets));
  if (targets.empty() || std::ranges::find(targets, "") != targets.end()) return wrong();
  return targets;
}

Controlled<std::optional<SessionFate>> fate_of(const json::object& object) {
  const auto text = text_of(object, "existing");
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  const auto fate = parse_session_fate(**text);
  if (!fate) return complain("key 'existing': " + fate.error().what, fate.error().accepted);
  return *fate;
}

/// How the new targets are checked.
Controlled<void> read_check(const json::object& object, RewireRequest& request) {
  const auto force = flag_of(object, "force");
  if (!force) return std::unexpected(force.error());
  const auto timeout = milliseconds_of(object, "check_timeout_ms", request.check_timeout, kLeastCheckTimeout,
                                       kMostCheckTimeout);
  if (!timeout) return std::unexpected(timeout.error());
  const auto wait =
      milliseconds_of(object, "wait_ms", request.wait, std::chrono::milliseconds(0), kMostCheckWait);
  if (!wait) return std::unexpected(wait.error());
  request.force = *force;
  request.check_timeout = *timeout;
  request.wait = *wait;
  const bool waits = request.wait.count() > 0;
  if (waits && (request.force || request.back || request.dry_run))
    return complain(
        "'wait_ms' waits for a target that is up, and 'force', 'back' and 'dry_run' wait for none",
        "one of them");
  return {};
}

}  // namespace

Controlled<RewireRequest> read_rewire(std::string link, std::string_view body) {
  constexpr std::array<std::string_view, 7> kKeys = {"upstream", "existing",         "dry_run", "back",
                                                     "force",    "check_timeout_ms", "wait_ms"};
  const auto object = read_body(body, kKeys);
  if (!object) return std::unexpected(object.error());
  auto upstream = upstream_of(*object);
  if (!upstream) return std::unexpected(upstream.error());
  const auto existing = fate_of(*object);
  if (!existing) return std::unexpected(existing.error());
  const auto dry_run = flag_of(*object, "dry_run");
  if (!dry_run) return std::unexpected(dry_run.error());
  const auto back = flag_of(*object, "back");
  if (!back) return std::unexpected(back.error());
  if (*back != upstream->empty()) {
    return complain(*back ? "'back' leads to what the link's own source says, and 'upstream' elsewhere"
                          : "it is not said where the link should lead",
                    std::string("'upstream' with ") + kUpstreamAccepted + "; or 'back': true");
  }
  RewireRequest request{std::move(link), std::move(*upstream), *back, *existing, *dry_run};
  if (const auto check = read_check(*object, request); !check) return std::unexpected(check.error());
  return request;
}

Controlled<std::string> read_link(std::string_view body) {
  constexpr std::array<std::string_view, 1> kKeys = {"link"};
  const auto object = read_body(body, kKeys);
  if (!object) return std::unexpected(object.error());
  const auto link = text_of(*object, "link");
  if (!link) return std::unexpected(link.error());
  return link->value_or("");
}

Controlled<PlanText> read_plan(std::string_view body) {
  constexpr std::array<std::string_view, 2> kKeys = {"path", "text"};
  const auto object = read_body(body, kKeys);
  if (!object) return std::unexpected(object.error());
  const auto path = text_of(*object, "path");
  if (!path) return std::unexpected(path.error());
  auto text = text_of(*object, "text");
  if (!text) return std::unexpected(text.error());
  if (!*text)
    return complain("it is not said what the file of links would hold", "'text' with TOML, and its 'path'");
  return PlanText{path->value_or("links.toml"), std::move(**text)};
}

Controlled<void> read_nothing(std::string_view body) {
  const auto object = read_body(body, kNoKeys);
  if (!object) return std::unexpected(object.error());
  return {};
}

Controlled<SessionQuery> read_session_query(const Query& query) {
  constexpr std::array<std::string_view, 2> kNames = {"link", "most"};
  SessionQuery wanted;
  for (const auto& [name, value] : query) {
    if (name == "link") {
      wanted.link = value;
    } else if (name == "most") {
      const auto most = parse_number<std::size_t>(value);
      if (!most || *most == 0 || *most > kMostSessions)
        return complain("parameter 'most': " + quote(value) + " is no number of sessions",
                        "a number from 1 to 10000");
      wanted.most = *most;
    } else {
      return unknown("parameter", name, kNames);
    }
  }
  return wanted;
}

Controlled<std::string> read_link_query(const Query& query) {
  constexpr std::array<std::string_view, 1> kNames = {"link"};
  std::string link;
  for (const auto& [name, value] : query) {
    if (name != "link") return unknown("parameter", name, kNames);
    link = value;
  }
  return link;
}

Controlled<std::chrono::milliseconds> read_watch_query(const Query& query) {
  constexpr std::array<std::string_view, 1> kNames = {"every"};
  constexpr std::chrono::milliseconds kLeast{500}, kMost{60000};
  std::chrono::milliseconds every{1000};
  for (const auto& [name, value] : query) {
    if (name != "every") return unknown("parameter", name, kNames);
    const auto duration = parse_duration(value, Zero::refused);
    if (!duration || *duration < kLeast || *duration > kMost)
      return complain("parameter 'every': " + quote(value) + " is not how often numbers can be told",
                      "500ms to 1m");
    every = *duration;
  }
  return every;
}

Controlled<void> read_no_query(const Query& query) {
  if (query.empty()) return {};
  return unknown("parameter", query.front().first, kNoKeys);
}

}  // namespace amb
