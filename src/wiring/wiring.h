// SPDX-License-Identifier: Apache-2.0
//
// The values that wiring is made of. Text of any source (arguments, a file, variables, the hosts file) comes
// in through find_wiring() and leaves as a Findings: checked links, every candidate with its fate, and every
// problem at once. Nothing here opens, resolves or logs anything.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "wiring/told_list.h"

namespace amb {

/// Where a piece of text came from, so that a message can name it.
struct Origin {
  enum class Kind { argument, variable, hosts_file, file, implied, command };
  Kind kind = Kind::variable;
  /// "REDIS_PORT_6379_TCP", "argument 1", "/etc/hosts:9", "links.toml:4:12", "implied by unavailable=refuse",
  /// "rewire".
  std::string name;
};

/// One place that a link leads to.
struct Target {
  /// As people should see it: "tcp://redis:6379", "tcp://[fd00::1]:6379", "unix:///run/x", "unix:@x",
  /// "srv://_redis._tcp.x".
  std::string text;
  std::string name;         ///< A DNS or hosts-file name still to be resolved; empty when `address` is final.
  std::uint16_t port = 0;   ///< The port to dial, host byte order; 0 for a UNIX path and for a service.
  bool is_service = false;  ///< `name` is that of SRV records (RFC 2782): they say hosts and ports.
  std::optional<SocketAddress> address;   ///< Set for IP literals and UNIX paths.
  std::optional<SocketAddress> fallback;  ///< Dialled only while `name` has no answer at all.
};

/// Which of several endpoints a new session is led to.
enum class Policy : std::uint8_t {
  first,           ///< The first that is up; the others are its backups.
  round_robin,     ///< In turn.
  least_sessions,  ///< The one with the fewest sessions of this worker.
  random,          ///< The less busy one of two drawn.
};

/// What a consumer meets while no endpoint is up.
struct Unavailable {
  enum class Kind : std::uint8_t {
    reset,   ///< It is accepted, and reset once connecting has failed.
    refuse,  ///< The listening socket is closed: "connection refused".
    hold,    ///< It waits for an endpoint for `hold`, and is reset then.
  };
  Kind kind = Kind::reset;
  std::chrono::milliseconds hold{0};
  bool operator==(const Unavailable&) const = default;
};

/// What becomes of the sessions at an endpoint that goes down, or that their link leads to no longer.
struct SessionFate {
  enum class Kind : std::uint8_t {
    keep,   ///< They go on.
    drain,  ///< They may go on for `drain`, and are reset then.
    cut,    ///< They are reset at once.
  };
  Kind kind = Kind::keep;
  std::chrono::milliseconds drain{0};
  bool operator==(const SessionFate&) const = default;
};

/// How the endpoints of a link are asked whether they are well.
struct HealthOptions {
  enum class Kind : std::uint8_t {
    none,
    tcp,               ///< It accepts a connection.
    http,              ///< A GET is answered with a status from `status_low` to `status_high`.
    redis,             ///< PING is answered, be it with NOAUTH; loading or down is not well.
    redis_primary,     ///< ROLE says master.
    postgres,          ///< The startup message is answered, be it with a demand for a password.
    postgres_primary,  ///< pg_is_in_recovery() is false.
    mysql,             ///< The server greets with a handshake packet and no error.
    send_expect,       ///< `expect` comes back for `send`, after `banner`.
  };
  Kind kind = Kind::none;
  std::string http_host;        ///< For the Host field; empty is the endpoint's own address.
  std::string http_path = "/";  ///< Begins with '/'.
  std::uint16_t status_low = 200;
  std::uint16_t status_high = 399;
  std::string user;  ///< Of redis, postgres; empty is the server's default, "postgres" for postgres.
  std::string password;
  std::string database;    ///< Of postgres; empty is the user's name.
  std::string banner;      ///< Bytes that must occur in what the server says first, before `send` is sent.
  std::string send;        ///< Bytes; empty sends nothing and waits for what the server says first.
  std::string expect;      ///< Bytes that must occur in the answer.
  std::uint16_t port = 0;  ///< To check at, 0 is the endpoint's own.
  std::chrono::milliseconds interval{2000};
  std::chrono::milliseconds timeout{1000};
  std::uint16_t rise = 2;             ///< Answers in a row that bring a down endpoint up.
  std::uint16_t fall = 3;             ///< Failures in a row that bring it down.
  std::uint16_t jitter_percent = 20;  ///< Each pause is shorter by up to so much.
  bool operator==(const HealthOptions&) const = default;
};

/// Who may connect at the UNIX paths that a link listens on: whoever may write to their files. What is not
/// said is as for any file that the program makes: its user and group, and all that the umask leaves.
struct SocketFile {
  std::optional<std::uint16_t> mode;  ///< Permission bits.
  std::string owner;                  ///< A name or a number; empty when it is not said.
  std::string group;
  bool operator==(const SocketFile&) const = default;
};

/// What a link does besides leading somewhere. Defaults are those of docs/configuration.md.
struct LinkOptions {
  std::chrono::milliseconds connect_timeout{1000};  ///< One attempt at one endpoint.
  std::chrono::milliseconds connect_total{3000};    ///< All attempts of one session, resolving included.
  std::uint16_t connect_retries = 1;  ///< Further rounds through the endpoints once all have failed.
  std::chrono::milliseconds half_close_timeout{3600000};  ///< One side ended, no byte moved for this long.
  std::chrono::milliseconds idle_timeout{0};              ///< No byte either way for this long; 0 is never.
  std::chrono::milliseconds dead_peer{60000};             ///< Bytes unacknowledged for this long.
  std::chrono::milliseconds abort_flush{5000};            ///< After a reset: no progress for this long.

  Policy policy = Policy::first;
  std::uint16_t eject_after = 1;  ///< Failed connects in a row; 0 is never. With several endpoints.
  std::chrono::milliseconds eject_for{10000};    ///< Until one session may try it again.
  std::chrono::milliseconds slow_start{0};       ///< An endpoint that is back gets its full share after this.
  std::uint32_t max_sessions = 0;                ///< Of the link at a time; 0 leaves a tenth to the others.
  std::uint32_t endpoint_sessions = 0;           ///< At one endpoint at a time; 0 is any number.
  std::chrono::milliseconds max_ttl{60000};      ///< A name is asked for again at least this often.
  std::chrono::milliseconds empty_grace{30000};  ///< "No such name" counts after this.

  SocketFile file;
  HealthOptions health;
  SessionFate on_down;
  SessionFate on_rewire;
  Unavailable unavailable;

  bool operator==(const LinkOptions&) const = default;
};

/// An option that was given, and where.
struct GivenOption {
  std::string name;
  Origin origin;
};

/// Listener + upstream + options under one name: the unit of wiring.
struct Link {
  /// Harmless to print, and no other link's: "redis"; "redis:6379" where several would have that name.
  std::string name;
  std::vector<SocketAddress> listen;  ///< At least one; an unspecified IPv6 address listens dual-stack.
  std::vector<Target> targets;        ///< At least one, tried in this order.
  LinkOptions options;
  std::vector<GivenOption>
      given;  ///< The options that were said, be it as they are by default; in the table's order.
  std::vector<Origin> origins;  ///< All that asked for it; the first one names it.
};

/// Something that must be mended before anything runs.
struct Problem {
  Origin origin;
  std::string value;     ///< As given; escape before printing.
  std::string what;      ///< "port 99999 is out of range"
  std::string accepted;  ///< "a port from 1 to 65535"
};

using Problems = ToldList<Problem>;

/// Everything that looked like wiring, and what became of it.
struct Candidate {
  enum class Fate { link, merged, ignored, problem };
  Origin origin;
  std::string value;  ///< Empty for variables copied from another container (`_ENV_`): they may be secrets.
  Fate fate = Fate::ignored;
  std::string link;  ///< The link's name, for `link` and `merged`.
  std::string why;   ///< One sentence; empty for a plain `link`.
};

/// All of them are told to every worker, and each has a socket in each.
inline constexpr std::size_t kMostWiringLinks = 16384;

struct Findings {
  std::vector<Link> links;
  std::vector<Candidate> candidates;
  Problems problems;
  std::vector<std::string> notes;  ///< Sentences worth a log line: which table a port came from, and so on.
};

/// A file of links, as the caller read it.
struct ConfigText {
  enum class From {
    option,          ///< --config FILE
    variable,        ///< AMBASSADOR_CONFIG
    standard_place,  ///< Nobody named it, but it is there.
  };
  From from = From::option;
  std::string path;
  std::string text;
  std::string error;  ///< Why it could not be read, "No such file or directory"; then there is no text.
};

/// All text that can hold wiring, read by the caller.
struct WiringInput {
  std::vector<std::string> arguments;                            ///< After the command word.
  std::optional<ConfigText> config;                              ///< At most one file is read.
  std::vector<std::pair<std::string, std::string>> environment;  ///< In environ's order.
  std::string hosts_path = "/etc/hosts";                         ///< For messages only.
  std::string hosts_text;
  std::string hosts_error;  ///< Why it could not be read, "Is a directory"; empty when there is none.
  std::string hostname;
  std::vector<SocketAddress> own_addresses;  ///< Of this host's interfaces, ports ignored.
};

/// Pure: explicit beats implicit (arguments, then the file, then variables, then the hosts file when there is
/// nothing else).
/// `links` is only meaningful while `problems` is empty.
Findings find_wiring(const WiringInput& input);

/// The problems as a list; where some were only counted, the last one says how many.
std::vector<Problem> listed(const Problems& problems);

/// "argument 1", "variable REDIS_PORT_6379_TCP", "/etc/hosts:9", "links.toml:4:12".
std::string to_string(const Origin& origin);

}  // namespace amb
