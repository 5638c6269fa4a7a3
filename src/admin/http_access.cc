// SPDX-License-Identifier: Apache-2.0
#include "admin/http_access.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/small_file.h"
#include "base/text.h"

namespace amb {

namespace {

constexpr std::string_view kBearer = "bearer ";
constexpr std::size_t kShortestToken = 16;
constexpr std::size_t kLongestToken = 512;
constexpr std::uint16_t kHttpPort = 80;

/// "10.0.0.5:9900", "[fd00::5]:9900", "10.0.0.5"; unset for a name.
SocketAddress literal_of(std::string_view authority) {
  const std::size_t colon = authority.find_last_of(":]");
  const bool has_port = colon != std::string_view::npos && authority[colon] == ':';
  const auto port = has_port ? parse_number<std::uint16_t>(authority.substr(colon + 1)) : kHttpPort;
  auto host = has_port ? authority.substr(0, colon) : authority;
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (!port || is_bracketed != host.contains(':')) return {};
  return SocketAddress::from_ip(host, *port).value_or(SocketAddress());
}

/// Whether it is the local address of the connection, which no name of somebody's making can be.
bool is_local_address(std::string_view authority, int fd) {
  sockaddr_storage raw{};
  socklen_t size = sizeof raw;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &size) != 0) return false;
  const auto local = SocketAddress::from_kernel(reinterpret_cast<const sockaddr*>(&raw), size).unmapped();
  if (!local.is_ip()) return false;
  const std::string host = local.host();  // whose zone nobody writes into a URL
  const auto plain = SocketAddress::from_ip(host.substr(0, host.find('%')), local.port());
  const auto asked = literal_of(authority);
  return plain && asked.is_ip() && asked.same_host(*plain) && asked.port() == plain->port();
}

bool is_known_host(const HttpAccess& access, const HttpHead& head, int fd) {
  const auto is_it = [&head](const auto& known) { return equals_ignoring_case(known, head.authority); };
  return std::ranges::any_of(access.hosts, is_it) || is_local_address(head.authority, fd);
}

bool shows_token(const HttpAccess& access, const HttpHead& head) {
  if (head.count("Authorization") != 1) return false;
  const auto shown = head.value("Authorization");
  if (!equals_ignoring_case(shown.substr(0, kBearer.size()), kBearer)) return false;
  return is_same_secret(access.token, trim(shown.substr(kBearer.size())));
}

bool is_method(std::string_view method) {
  constexpr std::array<std::string_view, 6> kMethods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  return std::ranges::find(kMethods, method) != kMethods.end();
}

HttpResponse unknown_method() {
  HttpResponse response = error_response(405, "this method does nothing here", "GET, POST, PATCH and DELETE");
  response.fields.emplace_back("Allow", "GET, HEAD, POST, PATCH, DELETE");
  return response;
}

/// Of a page that this very listener served, be it through a proxy that speaks TLS: a browser names the
/// page's origin itself, and no other site's page can have ours.
bool is_own_origin(const HttpHead& head) {
  if (head.count("Origin") != 1) return false;
  const auto origin = head.value("Origin");
  const std::string host(head.authority);
  return equals_ignoring_case(origin, "http://" + host) || equals_ignoring_case(origin, "https://" + host);
}

/// The page and its parts hold no secret, and a browser has no token before it has them.
bool is_for_the_page(const HttpHead& head) {
  const auto path = head.target.substr(0, head.target.find('?'));
  const bool only_reads = head.method == "GET" || head.method == "HEAD";
  return only_reads && (path.empty() || path == "/" || path.starts_with("/page/"));
}

std::optional<HttpResponse> refusal_over_tcp(const HttpAccess& access, const HttpHead& head, int fd) {
  if (!is_known_host(access, head, fd)) {
    return error_response(403, "the Host of this request is none of ours",
                          "the address that AMBASSADOR_ADMIN names, or one of AMBASSADOR_ADMIN_HOSTS");
  }
  if (head.count("Origin") != 0 && !is_own_origin(head)) {
    return error_response(403, "pages of other sites may not ask here",
                          "requests without an Origin field, or with that of our own page");
  }
  return std::nullopt;
}

/// Whoever comes through a link of ours has our own credentials, and is not us.
std::optional<HttpResponse> refusal_over_unix(const HttpAccess& access, int fd) {
  const auto peer = peer_of(fd);
  if (peer && access.own_pid != 0 && peer->pid == access.own_pid) {
    return error_response(403, "a link of this ambassador leads to its own control socket",
                          "AMBASSADOR_ADMIN, which asks for a token");
  }
  if (peer && peer->uid == access.ambiguous_uid) {
    return error_response(
        403, "in this user namespace uid " + std::to_string(peer->uid) + " may be any user of the host",
        "an ambassador that runs as root or as another user of the namespace");
  }
  if (!peer || !is_trusted(*peer, access.own_uid, access.reach))
    return error_response(403, "this socket is for the user that the program runs as, and for root");
  return std::nullopt;
}

HttpResponse no_token() {
  HttpResponse response = error_response(401, "the token is missing or wrong",
                                         "Authorization: Bearer and the token of AMBASSADOR_ADMIN");
  response.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"ambassador\"");
  return response;
}

Result<std::string> read_token(const std::string& path) {
  constexpr std::size_t kLineEnd = 2;
  const auto read = read_small_file(path, kLongestToken + kLineEnd);
  if (!read) {
    const bool is_regular = read.error().code != 0;
    return std::unexpected(
        Error{is_regular ? "cannot read the token's file" : "the token's file is not a regular one:",
              read.error().code, escape_text(path)});
  }
  std::string_view text(*read);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

std::optional<HttpResponse> refusal(const HttpAccess& access, const HttpHead& head, int fd) {
  const bool is_tcp = access.kind == HttpAccess::Kind::tcp;
  if (auto refused = is_tcp ? refusal_over_tcp(access, head, fd) : refusal_over_unix(access, fd))
    return refused;
  if (!is_method(head.method)) return unknown_method();
  if (is_tcp && !is_for_the_page(head) && !shows_token(access, head)) return no_token();
  return std::nullopt;
}

bool is_owner(const HttpAccess& access, int fd) {
  return access.kind == HttpAccess::Kind::unix_socket && !refusal_over_unix(access, fd);
}

bool has_proven(const HttpAccess& access, const HttpHead& head) {
  return access.kind == HttpAccess::Kind::tcp && shows_token(access, head);
}

std::vector<std::string> hosts_of(const SocketAddress& bound, const std::vector<std::string>& further) {
  const std::string port = ":" + std::to_string(bound.port());
  std::vector<std::string> hosts{bound.to_string(), "localhost" + port};
  if (bound.port() == kHttpPort) {
    const std::string full = bound.to_string();
    hosts.push_back(full.substr(0, full.size() - port.size()));
    hosts.emplace_back("localhost");
  }
  for (const std::string& host : further) {
    hosts.push_back(host);
    const std::size_t colon = host.find_last_of(":]");
    if (colon == std::string::npos || host[colon] == ']') hosts.push_back(host + port);
  }
  return hosts;
}

Result<std::string> find_token(const std::string& token, const std::string& token_file) {
  Result<std::string> found = token.empty() && !token_file.empty() ? read_token(token_file) : token;
  if (!found) return found;
  if (found->empty()) {
    return std::unexpected(
        Error{"AMBASSADOR_ADMIN needs a token, in AMBASSADOR_ADMIN_TOKEN or in the file that "
              "AMBASSADOR_ADMIN_TOKEN_FILE names",
              0,
              {}});
  }
  const bool is_sendable = std::ranges::all_of(*found, [](char c) { return c > ' ' && c <= '~'; });
  if (!is_sendable || found->size() < kShortestToken || found->size() > kLongestToken) {
    return std::unexpected(
        Error{"the token of AMBASSADOR_ADMIN must have 16 to 512 visible ASCII characters", 0, {}});
  }
  return found;
}

bool is_same_secret(std::string_view expected, std::string_view given) {
  volatile unsigned difference = expected.size() == given.size() ? 0U : 1U;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto right = static_cast<unsigned char>(expected.empty() ? '\0' : expected[i % expected.size()]);
    difference = difference | static_cast<unsigned>(right ^ static_cast<unsigned char>(given[i]));
  }
  return difference == 0;
}

}  // namespace amb
