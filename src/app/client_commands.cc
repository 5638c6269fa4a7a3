// SPDX-License-Identifier: Apache-2.0
#include "app/client_commands.h"

#include <poll.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "app/answer_text.h"
#include "app/exit_code.h"
#include "app/human.h"
#include "app/json_fields.h"
#include "app/neighbour.h"
#include "app/session_text.h"
#include "app/status_text.h"
#include "app/terminal.h"
#include "base/text.h"
#include "base/unix_time.h"

namespace amb {

namespace {

namespace json = boost::json;
using Command = CommandLine::Command;
using std::chrono::milliseconds;

constexpr milliseconds kAskAgain{100};

ControlSearch search_of(const CommandLine& line) {
  const char* variable = std::getenv("AMBASSADOR_CONTROL");
  const auto setting = trim(variable == nullptr ? "" : variable);
  return control_search(line.control.value_or(std::string(setting)));
}

std::string link_body(const std::string& link) {
  return link.empty() ? "{}" : json::serialize(json::object{{"link", link}});
}

std::string link_target(const std::string& link) { return "/v1/links/" + encode_segment(link); }

int status(const CommandLine& line, const Client& client) {
  const auto reply = client.ask("GET", "/v1/status");
  if (const auto failed = tell_failure(reply)) return *failed;
  print(line.json ? escape_json(reply->body)
                  : status_text(parse_answer(reply->body), nullptr, screen(), unix_time_ms()));
  return kExitOk;
}

json::object rewire_body(const CommandLine& line) {
  json::object body{{"dry_run", line.dry_run}, {"back", line.back}};
  if (!line.words.empty()) body["upstream"] = json::array(line.words.begin(), line.words.end());
  if (!line.existing.empty()) body["existing"] = line.existing;
  if (line.force) body["force"] = true;
  if (line.patience.count() > 0) body["wait_ms"] = line.patience.count();
  body["check_timeout_ms"] = line.check_timeout.count();
  return body;
}

std::string way_out(const CommandLine& line) {
  if (line.patience.count() == 0) return " (use --force to do it all the same, or --wait 30s)";
  return ", still after " + human_time(line.patience) + " (use --force to do it all the same)";
}

/// The one sentence that says why nothing was done, where the check of the targets is what forbids it.
std::optional<int> tell_refusal(const CommandLine& line, const Result<Reply>& reply) {
  if (!reply || reply->status != 409) return std::nullopt;
  const json::value error = parse_answer(reply->body);
  if (list_field(error, "targets").empty()) return std::nullopt;
  complain(text_field(error, "error") + way_out(line));
  return kExitNotReady;
}

int rewire(const CommandLine& line, const Client& client) {
  const auto patience = Client::kPatience + line.check_timeout * 2 + line.patience;
  const auto reply =
      client.ask("PATCH", link_target(line.link), json::serialize(rewire_body(line)), patience);
  if (const auto refused = tell_refusal(line, reply)) return *refused;
  if (const auto failed = tell_failure(reply)) return *failed;
  const json::value change = parse_answer(reply->body);
  const std::string plan = plan_text(change, screen());
  print(plan.empty() ? "nothing changes: " + escape_text(line.link) + " leads there already\n" : plan);
  if (!line.dry_run) {
    const std::string warning = findings_warning(change);
    (void)std::fwrite(warning.data(), 1, warning.size(), stderr);
    return kExitOk;
  }
  print(findings_text(change, screen()));
  if (!plan.empty()) print("nothing was changed: this was a dry run\n");
  const std::string refusal = text_field(change, "refusal");
  if (refusal.empty()) return kExitOk;
  complain(refusal + way_out(line));
  return kExitNotReady;
}

int reload(const Client& client) {
  const auto reply = client.ask("POST", "/v1/reload", "{}");
  if (const auto failed = tell_failure(reply)) return *failed;
  const std::string plan = plan_text(parse_answer(reply->body), screen());
  print(plan.empty() ? "nothing changes\n" : plan);
  return kExitOk;
}

/// How many sessions the link has, or all of them.
std::uint64_t sessions_of(const std::string& link, const json::value& status) {
  if (link.empty()) return number_field(status, "sessions");
  for (const json::value& one : list_field(status, "links")) {
    if (text_field(one, "name") == link) return number_field(one, "sessions");
  }
  return 0;
}

int drain_or_resume(const CommandLine& line, const Client& client) {
  const bool is_drain = line.command == Command::drain;
  const auto reply = client.ask("POST", is_drain ? "/v1/drain" : "/v1/resume", link_body(line.link));
  if (const auto failed = tell_failure(reply)) return *failed;
  const std::string who = line.link.empty() ? "every link" : escape_text(line.link);
  if (!is_drain) {
    print(who + " takes new sessions again\n");
    return kExitOk;
  }
  const auto status = client.ask("GET", "/v1/status");
  const std::uint64_t left = status ? sessions_of(line.link, parse_answer(status->body)) : 0;
  print((line.link.empty() ? "no link" : who) + (line.link.empty() ? " takes" : " takes no") +
        " new sessions; " +
        (left == 0 ? "none is left" : human_plural(left, "session") + (left == 1 ? " goes on" : " go on")) +
        "\n");
  return kExitOk;
}

std::string ready_target(const std::string& link) {
  return link.empty() ? "/v1/ready" : "/v1/ready?link=" + encode_segment(link);
}

/// "degraded for 4m: 1 of 2 links is down: redis: …"
std::string unreadiness(const json::value& readiness) { return state_text(readiness, unix_time_ms()); }

int wait(const CommandLine& line, const Client& client) {
  const auto until = std::chrono::steady_clock::now() + line.timeout;
  const std::string who = line.link.empty() ? "the ambassador" : escape_text(line.link);
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
    const auto patience = std::clamp<milliseconds>(left, kAskAgain, Client::kPatience);
    const auto reply = client.ask("GET", ready_target(line.link), {}, patience);
    if (reply && reply->status == 200) {
      print(who + " is ready\n");
      return kExitOk;
    }
    if (reply && reply->status != 503) return *tell_failure(reply);
    if (std::chrono::steady_clock::now() >= until) {
      complain(who + " is not ready after " + human_time(line.timeout) + ": " +
               (reply ? unreadiness(parse_answer(reply->body)) : reply.error().message()));
      return kExitNotReady;
    }
    (void)::poll(nullptr, 0, static_cast<int>(kAskAgain.count()));
  }
}

int tell_health(bool is_well, const std::string& text) {
  print(text + "\n");
  return is_well ? kExitOk : kExitNotReady;
}

int readiness_check(const Client& client) {
  const auto reply = client.ask("GET", ready_target({}));
  if (reply && reply->status == 200) return tell_health(true, "ready");
  return tell_health(
      false, "not ready: " + (reply ? unreadiness(parse_answer(reply->body)) : reply.error().message()));
}

// It is said beside, and asks the workers: one of them that is stuck must not use up the time of a liveness
// probe.
constexpr milliseconds kMostOfReadiness{500};

/// One provider of several that is down is no reason to replace the program and cut the others' sessions: so
/// this asks only whether it answers, whatever it says. Where nobody can be asked, because the control socket
/// is off or could not be had, or nobody there is to be trusted, the process is all that there is to go by.
int liveness_check(const Client& client, const ControlSearch& search) {
  const auto reply = client.ask("GET", "/v1/live");
  if (reply) {
    const auto ready = client.ask("GET", ready_target({}), {}, kMostOfReadiness);
    const bool is_unready = ready && ready->status == 503;
    return tell_health(true,
                       is_unready ? "alive, not ready: " + unreadiness(parse_answer(ready->body)) : "alive");
  }
  using Presence = Client::Presence;
  const Presence presence = client.presence();
  // Where a place was named the program has it, or it has not started.
  const bool is_named = !search.setting.empty() && !search.is_off();
  const bool must_answer = presence == Presence::trusted || (presence == Presence::nobody && is_named);
  if (const auto process = must_answer ? std::nullopt : find_neighbour())
    return tell_health(true, "alive: process " + std::to_string(*process) + " runs");
  return tell_health(false, "not alive: " + reply.error().message());
}

int sessions(const CommandLine& line, const Client& client) {
  if (!line.close.empty()) {
    const auto reply = client.ask("DELETE", "/v1/sessions/" + encode_segment(line.close));
    // One that is not there may have been a moment ago: no mistake.
    if (const auto failed = tell_failure(reply))
      return reply && reply->status == 404 ? kExitNotReady : *failed;
    print("session " + escape_text(line.close) + " is closed\n");
    return kExitOk;
  }
  const auto reply = client.ask(
      "GET", line.link.empty() ? "/v1/sessions" : "/v1/sessions?link=" + encode_segment(line.link));
  if (const auto failed = tell_failure(reply)) return *failed;
  print(line.json ? escape_json(reply->body) : sessions_text(parse_answer(reply->body), screen()));
  return kExitOk;
}

int why(const CommandLine& line, const Client& client) {
  const auto reply = client.ask("GET", link_target(line.link) + "/why");
  if (const auto failed = tell_failure(reply)) return *failed;
  print(line.json ? escape_json(reply->body) : why_text(parse_answer(reply->body), screen(), unix_time_ms()));
  return kExitOk;
}

}  // namespace

std::optional<int> tell_failure(const Result<Reply>& reply) {
  if (!reply) {
    complain(reply.error().message());
    return kExitNobody;
  }
  if (reply->is_fine()) return std::nullopt;
  const std::string text = error_text(parse_answer(reply->body));
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
  switch (reply->status) {
    case 400:
    case 404:
    case 413:
    case 422:
      return kExitUsage;
    case 409:
      return kExitNotReady;
    case 500:
      return kExitBug;
    default:
      return kExitNobody;  // 401, 403, 503: not with us
  }
}

std::optional<json::value> ask_for_preview(const CommandLine& line, const ConfigText& config) {
  const json::object body{{"path", config.path}, {"text", config.text}};
  const auto reply = Client(search_of(line)).ask("POST", "/v1/plan", json::serialize(body));
  if (!reply) return std::nullopt;
  return parse_answer(reply->body);
}

bool is_client_command(Command command) {
  return command != Command::run && command != Command::check && command != Command::version;
}

int run_client_command(const CommandLine& line) {
  const ControlSearch search = search_of(line);
  const Client client(search);
  // Nobody will ever be there: nothing to wait for.
  if (search.is_off() && line.command == Command::wait)
    return *tell_failure(client.ask("GET", ready_target({})));
  switch (line.command) {
    case Command::status:
      return line.watch ? watch_status(search) : status(line, client);
    case Command::rewire:
      return rewire(line, client);
    case Command::reload:
      return reload(client);
    case Command::drain:
    case Command::resume:
      return drain_or_resume(line, client);
    case Command::wait:
      return wait(line, client);
    case Command::healthcheck:
      return line.ready ? readiness_check(client) : liveness_check(client, search);
    case Command::sessions:
      return sessions(line, client);
    case Command::why:
      return why(line, client);
    case Command::events:
      return follow_events(search, line.json);
    case Command::run:
    case Command::check:
    case Command::version:
      break;
  }
  return kExitBug;
}

}  // namespace amb
