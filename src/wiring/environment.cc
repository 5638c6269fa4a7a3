// SPDX-License-Identifier: Apache-2.0
#include "wiring/environment.h"

#include <algorithm>

#include "base/text.h"
#include "wiring/target_url.h"

namespace amb {

namespace {

constexpr std::string_view kCopied = "_ENV_";

/// The host of the one target in the value, as the _ADDR variable would spell it.
std::string host_of(std::string_view value) {
  Complaints unused;
  const auto list = parse_targets(value, 1, unused);
  if (list.targets.size() != 1) return {};
  const Target& target = list.targets.front();
  return target.address ? target.address->host() : target.name;
}

}  // namespace

Environment::Environment(Entries entries) : entries_(entries) {
  for (const auto& [name, value] : entries) values_.emplace(to_upper(name), value);
}

std::optional<std::string_view> Environment::value_of(std::string_view name) const {
  const auto found = values_.find(to_upper(name));
  return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string_view> Environment::setting(std::string_view name) const {
  const auto value = value_of(name);
  if (!value || trim(*value).empty()) return std::nullopt;
  return trim(*value);
}

bool Environment::is_copied(const LinkName& name, std::string_view value) const {
  // "DB_ENV_PORT_80_TCP" is the variable PORT_80_TCP of DB, or a port of the alias db-env.
  const std::string searched = to_upper(name.prefix) + "_";
  auto at = searched.find(kCopied);
  if (at == std::string::npos) return false;
  if (searched.size() > kLongestPrefix) return true;  // no alias of ours, whatever it is
  if (alias_of(name.prefix)) return false;
  for (; at != std::string::npos; at = searched.find(kCopied, at + 1)) {
    const auto linked = value_of(searched.substr(0, at) + "_NAME");
    if (linked && linked->starts_with('/')) return true;
  }
  return !agrees_with_addr(name, host_of(value)).value_or(false);
}

bool Environment::is_service(std::string_view prefix) const {
  return equals_ignoring_case(prefix, "KUBERNETES") ||
         value_of(std::string(prefix) + "_SERVICE_HOST").has_value();
}

bool Environment::is_named_port(const LinkName& name, std::string_view value) const {
  return is_digits(value) && to_upper(name.prefix).ends_with("_SERVICE") &&
         value_of(name.prefix + "_HOST").has_value();
}

std::optional<std::string> Environment::alias_of(std::string_view prefix) const {
  const auto path = value_of(std::string(prefix) + "_NAME");
  if (!path || !path->starts_with('/')) return std::nullopt;
  std::string alias(path->substr(path->rfind('/') + 1));
  if (alias.empty() || variable_form(alias) != to_upper(prefix)) return std::nullopt;
  return alias;
}

std::optional<bool> Environment::agrees_with_addr(const LinkName& name, std::string_view host) const {
  const auto protocol = std::string(to_string(name.protocol));
  const auto addr = value_of(name.prefix + "_PORT_" + name.digits + "_" + protocol + "_ADDR");
  if (!addr) return std::nullopt;
  const auto said = SocketAddress::from_ip(*addr, 0);
  const auto dialled = SocketAddress::from_ip(host, 0);
  if (said && dialled) return said->same_host(*dialled);
  return equals_ignoring_case(*addr, host);
}

std::string variable_form(std::string_view alias) {
  std::string form = to_upper(alias);
  std::ranges::replace(form, '-', '_');
  return form;
}

}  // namespace amb
