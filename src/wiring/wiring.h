// SPDX-License-Identifier: Apache-2.0
//
// The values that wiring is made of. Text of any source (arguments, variables, hosts file) comes in through
// find_wiring() and leaves as a Findings: checked links, every candidate with its fate, and every problem at
// once. Nothing here opens, resolves or logs anything.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"

namespace amb {

/// Where a piece of text came from, so that a message can name it.
struct Origin {
  enum class Kind { argument, variable, hosts_file };
  Kind kind = Kind::variable;
  std::string name;  ///< "REDIS_PORT_6379_TCP", "argument 1" or "/etc/hosts:9".
};

/// One place that a link leads to.
struct Target {
  std::string
      text;  ///< As people should see it: "tcp://redis:6379", "tcp://[fd00::1]:6379", "unix:///run/x".
  std::string name;        ///< A DNS or hosts-file name still to be resolved; empty when `address` is final.
  std::uint16_t port = 0;  ///< The port to dial, host byte order; 0 for a UNIX path.
  std::optional<SocketAddress> address;   ///< Set for IP literals and UNIX paths.
  std::optional<SocketAddress> fallback;  ///< Dialled only while `name` has no answer at all.
};

/// What a link does besides leading somewhere. Defaults are those of docs/configuration.md.
struct LinkOptions {
  std::chrono::milliseconds connect_timeout{1000};  ///< One attempt at one endpoint.
  std::chrono::milliseconds connect_total{3000};    ///< All attempts of one session, resolving included.
  std::chrono::milliseconds half_close_timeout{3600000};  ///< One side ended, no byte moved for this long.
  std::chrono::milliseconds idle_timeout{0};              ///< No byte either way for this long; 0 is never.
  std::chrono::milliseconds dead_peer{60000};             ///< Bytes unacknowledged for this long.
  std::chrono::milliseconds abort_flush{5000};            ///< After a reset: no progress for this long.

  bool operator==(const LinkOptions&) const = default;
};

/// Listener + upstream + options under one name: the unit of wiring.
struct Link {
  std::string name;                   ///< Lower case, from the variable's prefix: "redis".
  std::vector<SocketAddress> listen;  ///< At least one; an unspecified IPv6 address listens dual-stack.
  std::vector<Target> targets;        ///< At least one, tried in this order.
  LinkOptions options;
  std::vector<Origin> origins;  ///< All that asked for it; the first one names it.
};

/// Something that must be mended before anything runs.
struct Problem {
  Origin origin;
  std::string value;     ///< As given; escape before printing.
  std::string what;      ///< "port 99999 is out of range"
  std::string accepted;  ///< "a port from 1 to 65535"
};

/// Everything that looked like wiring, and what became of it.
struct Candidate {
  enum class Fate { link, merged, ignored, problem };
  Origin origin;
  std::string value;  ///< Empty for variables copied from another container (`_ENV_`): they may be secrets.
  Fate fate = Fate::ignored;
  std::string link;  ///< The link's name, for `link` and `merged`.
  std::string why;   ///< One sentence; empty for a plain `link`.
};

struct Findings {
  std::vector<Link> links;
  std::vector<Candidate> candidates;
  std::vector<Problem> problems;
  std::vector<std::string> notes;  ///< Sentences worth a log line: which table a port came from, and so on.
};

/// All text that can hold wiring, read by the caller.
struct WiringInput {
  std::vector<std::string> arguments;                            ///< After the command word.
  std::vector<std::pair<std::string, std::string>> environment;  ///< In environ's order.
  std::string hosts_path = "/etc/hosts";                         ///< For messages only.
  std::string hosts_text;
  std::string hostname;
  std::vector<SocketAddress> own_addresses;  ///< Of this host's interfaces, ports ignored.
};

/// Pure: explicit beats implicit (arguments, then variables, then the hosts file when there is nothing else).
/// `links` is only meaningful while `problems` is empty.
Findings find_wiring(const WiringInput& input);

/// "argument 1", "variable REDIS_PORT_6379_TCP", "/etc/hosts:9".
std::string to_string(const Origin& origin);

}  // namespace amb
