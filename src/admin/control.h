// SPDX-License-Identifier: Apache-2.0
//
// What can be asked of the running program and changed in it: the common language of the HTTP API, which
// turns it into JSON, and of app, which knows the answers. Values only. Everything runs on the control
// thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wiring/plan.h"
#include "wiring/wiring.h"

namespace amb {

/// One address that a link leads to.
struct EndpointStatus {
  std::string target;   ///< As it was written: "tcp://redis:6379".
  std::string address;  ///< "10.0.0.5:6379", "[fd00::5]:6379", "/run/x.sock".
  /// "up", "down", "standby" (a replica where the primary is wanted), "unknown" before the first checks,
  /// "unchecked" without health=.
  std::string health;
  std::string reason;            ///< What the last change of health was for; empty while there was none.
  std::uint32_t ejected_by = 0;  ///< Workers that pass it over, because connecting failed.
  std::uint64_t sessions = 0;    ///< Connecting and connected.
};

struct LinkStatus {
  std::string name;                   ///< What the other calls and commands take.
  std::string state;                  ///< "up", "down", "failing", "settling" (not known yet), "drained".
  std::string reason;                 ///< Of the state; empty where all is well.
  std::int64_t since_ms = 0;          ///< Of the state: since 1970, UTC.
  std::vector<std::string> listen;    ///< "0.0.0.0:6379", "[::]:6379", "/run/x.sock".
  std::vector<std::string> upstream;  ///< The targets in force.
  std::vector<std::string> declared;  ///< Those of its source, while a rewire has replaced them; else empty.
  std::vector<std::string> from;      ///< "variable REDIS_PORT_6379_TCP", "links.toml:4:1".
  std::string on_rewire;              ///< "keep", "cut", "drain=30s".
  std::uint64_t sessions = 0;         ///< Open now.
  std::uint64_t most_sessions = 0;    ///< That it may have at once.
  std::uint64_t limit_pauses = 0;     ///< Its consumers waited at a limit of sessions.
  std::uint64_t opened = 0;           ///< Since the link exists.
  std::vector<std::pair<std::string, std::uint64_t>> closed;  ///< By close reason, those that occurred.
  std::vector<std::pair<std::string, std::uint64_t>>
      protocols;                        ///< Sessions by what they were seen to speak.
  std::uint64_t bytes_to_upstream = 0;  ///< Since the link exists, open sessions included.
  std::uint64_t bytes_to_downstream = 0;
  std::vector<EndpointStatus> endpoints;
  std::uint64_t endpoints_left_out = 0;  ///< Beyond the most that a link may have.
};

/// A change of the wiring that was turned down.
struct Rejection {
  std::int64_t time_ms = 0;  ///< Since 1970, UTC.
  std::vector<Problem> problems;
};

struct ProgramStatus {
  std::string version;
  std::string commit;
  int pid = 0;
  std::uint64_t uptime_s = 0;
  std::string state;          ///< "ready", "degraded", "at_limit", "draining", "settling", "stopping".
  std::string reason;         ///< Of the state; empty where all is well.
  std::int64_t since_ms = 0;  ///< Of the state: since 1970, UTC.
  std::uint32_t workers = 0;
  std::uint64_t sessions = 0;
  std::uint64_t most_sessions = 0;
  std::uint64_t generation = 1;  ///< Of the wiring: one more with every change of it.
  std::uint64_t reloads_rejected = 0;
  std::optional<Rejection> last_rejection;  ///< Until a reload succeeds.
  std::string config;                       ///< The file that is watched; empty when there is none.
  std::vector<LinkStatus> links;            ///< In the wiring's order.
};

struct SessionStatus {
  std::string id;  ///< For close_session(): "0-1045".
  std::string link;
  std::string downstream;   ///< Address of the consumer.
  std::string upstream;     ///< Endpoint; empty while none has been tried.
  std::string state;        ///< "connecting", "relaying", "half_closed", "aborting".
  std::string protocol;     ///< "redis", "tls", "other"; "none" while nothing was seen.
  std::string server_name;  ///< That a TLS client asks for, escaped.
  std::string alpn;         ///< What it offers inside, escaped: "h2,http/1.1".
  std::uint64_t bytes_to_upstream = 0;
  std::uint64_t bytes_to_downstream = 0;
  std::uint64_t age_ms = 0;
  std::uint64_t quiet_ms = 0;  ///< Since a byte last moved.
};

struct SessionQuery {
  std::string link;  ///< Empty: of every link.
  std::size_t most = 1000;
};

struct SessionList {
  std::vector<SessionStatus> sessions;  ///< The oldest first.
  std::uint64_t left_out = 0;           ///< Beyond `most`.
};

/// What was found when a target of a rewire was checked: of one of its addresses, or of its name.
struct TargetFinding {
  std::string target;   ///< As it was written: "tcp://redis:6379".
  std::string address;  ///< "10.0.0.5:6379"; empty where the name led to none.
  bool is_well = false;
  std::string said;  ///< A predicate, escaped: "up in 0.4 ms", "refuses connections", "does not resolve".
  std::uint64_t took_us = 0;
};

struct ChangeResult {
  bool was_applied = false;  ///< False for a dry run, and when nothing changes.
  std::uint64_t generation = 1;
  std::vector<PlanStep> steps;

  // Of a rewire alone:
  std::vector<TargetFinding> targets = {};    ///< What the check of the new targets found.
  std::uint64_t targets_left_out = 0;         ///< Addresses and targets beyond the most that are checked.
  std::string refusal = {};                   ///< Of a dry run: why the rewire itself would be refused.
  std::string existing = {};                  ///< What becomes of sessions at former endpoints: "keep".
  std::uint64_t former_sessions = 0;          ///< Of a dry run: how many sessions would be at such.
  std::vector<SocketAddress> addresses = {};  ///< All that the targets resolve to; not told.
};

struct RewireRequest {
  std::string link;
  std::vector<std::string> upstream;    ///< URLs; empty together with `back`.
  bool back = false;                    ///< To what the link's own source says.
  std::optional<SessionFate> existing;  ///< What becomes of sessions elsewhere; else the link's on_rewire.
  bool dry_run = false;
  bool force = false;  ///< Whatever the check of the new targets finds.
  std::chrono::milliseconds check_timeout{3000};
  std::chrono::milliseconds wait{0};  ///< So long the check is repeated until a target is up.
  /// Whether who asked is still connected: who gave up waiting wants no change any more. May be empty.
  std::function<bool()> is_wanted = {};
};

/// Why a request was turned down, in the terms of HTTP.
struct ControlError {
  int status =
      422;  ///< 404 no such link or session; 409 not now (stopping); 422 the request's content is wrong.
  std::string what;                         ///< One sentence, escaped.
  std::string accepted;                     ///< What would be; may be empty.
  std::vector<Problem> problems;            ///< With their origins, when the wiring is what is wrong.
  std::vector<TargetFinding> targets = {};  ///< When the check of a rewire's targets is what is wrong.
};

template <class T>
using Controlled = std::expected<T, ControlError>;

/// Readiness of a link, or of all: what `wait` and `healthcheck` go by.
struct Readiness {
  bool is_ready = false;
  std::string state;               ///< As in ProgramStatus; of one link, as in LinkStatus.
  std::string reason;              ///< Of the state; empty where all is well.
  std::int64_t since_ms = 0;       ///< Of the state: since 1970, UTC.
  std::vector<std::string> waits;  ///< Names of links where a session would find no endpoint.
};

/// Something that went wrong with a link, told once with how often it has happened.
struct Failure {
  std::int64_t first_ms = 0;  ///< Since 1970, UTC.
  std::int64_t last_ms = 0;
  std::uint64_t count = 0;
  std::string event;   ///< As in the log: "session_failed", "endpoint_down", "resolve_failed".
  std::string reason;  ///< The close reason; what a check found; empty when the event says it all.
  std::string error;   ///< errno or resolver in words.
  std::string where;   ///< Endpoint or name; may be empty.
};

struct WhyAnswer {
  std::string link;
  std::string state;  ///< As in LinkStatus; so are the next two.
  std::string reason;
  std::int64_t since_ms = 0;
  std::uint64_t opened = 0;
  std::vector<std::pair<std::string, std::uint64_t>> closed;  ///< By reason, as in LinkStatus.
  std::vector<Failure> failures;                              ///< The latest first.
};

/// A line of the log, as it happens.
struct ControlEvent {
  std::uint64_t number = 0;  ///< Counts up from 1.
  std::string name;          ///< "listening".
  std::string json;          ///< The whole line as one JSON object, no line end.
};

class EventListener {
 public:
  virtual void on_event(const ControlEvent& event) = 0;

 protected:
  ~EventListener() = default;
};

struct Metrics;

class Control {
 public:
  template <class T>
  using Task = boost::asio::awaitable<T>;

  virtual Task<ProgramStatus> status() = 0;
  virtual Task<Metrics> metrics() = 0;
  virtual Task<Controlled<SessionList>> sessions(SessionQuery query) = 0;
  virtual Task<Controlled<void>> close_session(std::string id) = 0;  ///< By reset, reason `removed`.
  virtual Task<Controlled<WhyAnswer>> why(std::string link) = 0;

  virtual Task<Controlled<ChangeResult>> rewire(RewireRequest request) = 0;
  /// Reads all sources again and applies what changed, whole or not at all.
  virtual Task<Controlled<ChangeResult>> reload() = 0;
  /// What a reload would do if the file of links held `text`. `path` is for messages.
  virtual Task<Controlled<ChangeResult>> preview(std::string path, std::string text) = 0;
  virtual Controlled<void> drain(const std::string& link) = 0;   ///< Empty: every link.
  virtual Controlled<void> resume(const std::string& link) = 0;  ///< Empty: every link.

  virtual Task<Controlled<Readiness>> readiness(std::string link) = 0;  ///< Empty: every link.
  /// What `check --json --all` prints, of the wiring in force; passwords are masked.
  virtual std::string wiring_json() = 0;

  virtual void subscribe(EventListener& listener) = 0;
  virtual void unsubscribe(EventListener& listener) = 0;

 protected:
  ~Control() = default;
};

}  // namespace amb
