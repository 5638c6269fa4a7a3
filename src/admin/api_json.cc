// SPDX-License-Identifier: Apache-2.0
#include "admin/api_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/text.h"
#include "wiring/render_each.h"

namespace amb {

namespace {

namespace json = boost::json;

json::array from_texts(const std::vector<std::string>& texts) {
  return render_each(texts, [](const std::string& text) { return json::value(text); });
}

json::object from_counts(const std::vector<std::pair<std::string, std::uint64_t>>& counts) {
  json::object result;
  for (const auto& [name, count] : counts) result[name] = count;
  return result;
}

json::value from_problem(const Problem& problem) {
  return json::object{{"from", escape_text(to_string(problem.origin))},
                      {"value", escape_text(problem.value)},
                      {"problem", problem.what},
                      {"accepted", problem.accepted}};
}

json::value from_endpoint(const EndpointStatus& endpoint) {
  return json::object{{"target", endpoint.target},         {"address", endpoint.address},
                      {"health", endpoint.health},         {"reason", endpoint.reason},
                      {"ejected_by", endpoint.ejected_by}, {"sessions", endpoint.sessions}};
}

json::value from_link(const LinkStatus& link) {
  return json::object{{"name", link.name},
                      {"state", link.state},
                      {"reason", link.reason},
                      {"since_ms", link.since_ms},
                      {"listen", from_texts(link.listen)},
                      {"upstream", from_texts(link.upstream)},
                      {"declared", from_texts(link.declared)},
                      {"from", from_texts(link.from)},
                      {"on_rewire", link.on_rewire},
                      {"sessions", link.sessions},
                      {"most_sessions", link.most_sessions},
                      {"opened", link.opened},
                      {"closed", from_counts(link.closed)},
                      {"protocols", from_counts(link.protocols)},
                      {"bytes_to_upstream", link.bytes_to_upstream},
                      {"bytes_to_downstream", link.bytes_to_downstream},
                      {"endpoints", render_each(link.endpoints, from_endpoint)},
                      {"endpoints_left_out", link.endpoints_left_out}};
}

json::value from_rejection(const std::optional<Rejection>& rejection) {
  if (!rejection) return nullptr;
  return json::object{{"time_ms", rejection->time_ms},
                      {"problems", render_each(rejection->problems, from_problem)}};
}

json::value from_session(const SessionStatus& session) {
  return json::object{{"id", session.id},
                      {"link", session.link},
                      {"downstream", session.downstream},
                      {"upstream", session.upstream},
                      {"state", session.state},
                      {"protocol", session.protocol},
                      {"server_name", session.server_name},
                      {"alpn", session.alpn},
                      {"bytes_to_upstream", session.bytes_to_upstream},
                      {"bytes_to_downstream", session.bytes_to_downstream},
                      {"age_ms", session.age_ms},
                      {"quiet_ms", session.quiet_ms}};
}

json::value from_failure(const Failure& failure) {
  return json::object{{"first_ms", failure.first_ms}, {"last_ms", failure.last_ms}, {"count", failure.count},
                      {"event", failure.event},       {"reason", failure.reason},   {"error", failure.error},
                      {"where", failure.where}};
}

json::value from_step(const PlanStep& step) {
  return json::object{
      {"kind", to_string(step.kind)}, {"link", step.link}, {"details", from_texts(step.details)}};
}

json::value from_finding(const TargetFinding& finding) {
  return json::object{{"target", finding.target},
                      {"address", finding.address},
                      {"is_well", finding.is_well},
                      {"said", finding.said},
                      {"took_us", finding.took_us}};
}

std::string line_of(const json::value& value) { return json::serialize(value) + "\n"; }

/// `rest` with one key more, the array of all in `range`: of thousands only one is a tree at any time.
template <class Range, class Render>
std::string line_of(const json::object& rest, std::string_view key, const Range& range, Render render) {
  std::string text = json::serialize(rest);
  text.pop_back();  // the brace
  if (!rest.empty()) text += ',';
  text += "\"" + std::string(key) + "\":[";
  const std::size_t begin = text.size();
  for (const auto& item : range) {
    if (text.size() > begin) text += ',';
    text += json::serialize(render(item));
  }
  return text + "]}\n";
}

}  // namespace

std::string to_json(const ProgramStatus& status) {
  return line_of(
      json::object{{"version", status.version},
                   {"commit", status.commit},
                   {"pid", status.pid},
                   {"uptime_s", status.uptime_s},
                   {"state", status.state},
                   {"reason", status.reason},
                   {"since_ms", status.since_ms},
                   {"workers", status.workers},
                   {"sessions", status.sessions},
                   {"most_sessions", status.most_sessions},
                   {"generation", status.generation},
                   {"reloads_rejected", status.reloads_rejected},
                   {"last_rejection", from_rejection(status.last_rejection)},
                   {"config", status.config.empty() ? json::value(nullptr) : json::value(status.config)}},
      "links", status.links, from_link);
}

std::string to_json(const std::vector<LinkStatus>& links) { return line_of({}, "links", links, from_link); }

std::string to_json(const LinkStatus& link) { return line_of(from_link(link)); }

std::string to_json(const SessionList& sessions) {
  return line_of({{"left_out", sessions.left_out}}, "sessions", sessions.sessions, from_session);
}

std::string to_json(const WhyAnswer& why) {
  return line_of(json::object{{"link", why.link},
                              {"state", why.state},
                              {"reason", why.reason},
                              {"since_ms", why.since_ms},
                              {"opened", why.opened},
                              {"closed", from_counts(why.closed)},
                              {"failures", render_each(why.failures, from_failure)}});
}

std::string to_json(const ChangeResult& change) {
  return line_of(json::object{{"was_applied", change.was_applied},
                              {"generation", change.generation},
                              {"steps", render_each(change.steps, from_step)},
                              {"targets", render_each(change.targets, from_finding)},
                              {"targets_left_out", change.targets_left_out},
                              {"refusal", change.refusal},
                              {"existing", change.existing},
                              {"former_sessions", change.former_sessions}});
}

std::string to_json(const Readiness& readiness) {
  return line_of(json::object{{"is_ready", readiness.is_ready},
                              {"state", readiness.state},
                              {"reason", readiness.reason},
                              {"since_ms", readiness.since_ms},
                              {"waits", from_texts(readiness.waits)}});
}

std::string to_json(const ControlError& error) {
  json::object object{{"error", error.what},
                      {"accepted", error.accepted},
                      {"problems", render_each(error.problems, from_problem)}};
  if (!error.targets.empty()) object["targets"] = render_each(error.targets, from_finding);
  return line_of(object);
}

}  // namespace amb
