// SPDX-License-Identifier: Apache-2.0
#include "wiring/option_rules.h"

#include <algorithm>
#include <array>
#include <string>

#include "wiring/option_values.h"

namespace amb {

namespace {

using Kind = HealthOptions::Kind;

bool is_http(Kind kind) { return kind == Kind::http; }
bool is_send_expect(Kind kind) { return kind == Kind::send_expect; }
bool is_postgres(Kind kind) { return kind == Kind::postgres || kind == Kind::postgres_primary; }
bool has_passwords(Kind kind) {
  return is_postgres(kind) || kind == Kind::redis || kind == Kind::redis_primary;
}
bool has_users(Kind kind) { return has_passwords(kind) || kind == Kind::mysql; }

/// An option that only some checks look at.
struct Use {
  std::string_view option;
  bool (*is_used_by)(Kind kind);
  std::string_view checks;
};

constexpr std::array<Use, 7> kUses = {
    {{"health_status", is_http, "http"},
     {"health_user", has_users, "redis, redis-primary, postgres, postgres-primary or mysql"},
     {"health_password", has_passwords, "redis, redis-primary, postgres or postgres-primary"},
     {"health_database", is_postgres, "postgres or postgres-primary"},
     {"health_banner", is_send_expect, "send-expect"},
     {"health_send", is_send_expect, "send-expect"},
     {"health_expect", is_send_expect, "send-expect"}}};

bool is_given(const OptionValues& values, std::string_view name) {
  return std::ranges::find(values.given, name, &GivenOption::name) != values.given.end();
}

void check_use(std::string_view option, Kind kind, std::vector<OptionComplaint>& complaints) {
  const std::string about = "option " + std::string(option) + ": ";
  if (kind == Kind::none) {
    complaints.push_back({option, {about + "nothing is checked", "health=tcp or another check beside it"}});
    return;
  }
  const auto* use = std::ranges::find(kUses, option, &Use::option);
  if (use == kUses.end() || use->is_used_by(kind)) return;
  complaints.push_back({use->option,
                        {about + "health=" + std::string(to_string(kind)) + " does not use it",
                         std::string(use->option) + " with health=" + std::string(use->checks)}});
}

}  // namespace

void imply_options(OptionValues& values) {
  if (values.options.unavailable.kind != Unavailable::Kind::refuse || is_given(values, "health")) return;
  if (values.options.health.kind != Kind::none) return;  // a link that is rewired has one already
  values.options.health.kind = Kind::tcp;
  values.given.push_back({"health", {Origin::Kind::implied, "implied by unavailable=refuse"}});
}

std::vector<OptionComplaint> check_together(const OptionValues& values, std::span<const Target> targets) {
  std::vector<OptionComplaint> complaints;
  const HealthOptions& health = values.options.health;
  for (const GivenOption& given : values.given) {
    const bool needs_check = given.name.starts_with("health_") || given.name == "on_down";
    if (needs_check) check_use(find_option(given.name)->name, health.kind, complaints);
  }
  if (is_send_expect(health.kind) && health.expect.empty()) {
    complaints.push_back({"health",
                          {"option health: send-expect does not say what to expect",
                           "health_expect with the bytes that the answer must hold"}});
  }
  if (values.options.unavailable.kind == Unavailable::Kind::refuse && health.kind == Kind::none) {
    complaints.push_back({"unavailable",
                          {"option unavailable: while a link refuses, only a check can notice a recovery",
                           "health=tcp or another check beside refuse, or no health, which means tcp"}});
  }
  const auto is_unix = [](const Target& target) { return target.address && target.address->is_unix(); };
  if (health.port != 0 && std::ranges::any_of(targets, is_unix)) {
    complaints.push_back({"health_port",
                          {"option health_port: a target of this link is a UNIX socket, which has no port",
                           "no health_port, or targets that have ports"}});
  }
  return complaints;
}

std::vector<OptionComplaint> check_socket_file(const OptionValues& values,
                                               std::span<const SocketAddress> listen) {
  const auto has_file = [](const SocketAddress& address) {
    return address.is_unix() && !address.path().starts_with('@');
  };
  std::vector<OptionComplaint> complaints;
  if (listen.empty() || std::ranges::any_of(listen, has_file)) return complaints;
  for (const std::string_view option : {"mode", "owner", "group"}) {
    if (!is_given(values, option)) continue;
    complaints.push_back({option,
                          {"option " + std::string(option) + ": the link listens on no UNIX path",
                           std::string(option) + " beside listen=unix:///path"}});
  }
  return complaints;
}

}  // namespace amb
