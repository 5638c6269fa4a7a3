// SPDX-License-Identifier: Apache-2.0
//
// The environment as a lookup, and what it tells about an alias: Docker and Kubernetes set several variables
// per link, and the others say what kind of link a candidate is. Borrows the text it was made from.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "wiring/link_name.h"

namespace amb {

class Environment {
 public:
  using Entries = std::span<const std::pair<std::string, std::string>>;

  explicit Environment(Entries entries);

  Entries entries() const { return entries_; }
  /// In any case; of several with one name the first, as getenv() has it.
  std::optional<std::string_view> value_of(std::string_view name) const;
  /// The value, trimmed, unless it is absent or empty, which `-e NAME=` in a compose file often means.
  std::optional<std::string_view> setting(std::string_view name) const;

  bool in_kubernetes() const { return value_of("KUBERNETES_SERVICE_HOST").has_value(); }

  /// Docker copies every variable of a linked container as <ALIAS>_ENV_<name>. Such a copy can look like a
  /// link, so a name with _ENV_ in it is one only if other variables prove that the alias itself has it.
  bool is_copied(const LinkName& name, std::string_view value) const;
  /// Kubernetes sets <PREFIX>_SERVICE_HOST beside the variables of a service.
  bool is_service(std::string_view prefix) const;
  /// REDIS_SERVICE_PORT_8080_TCP=8080 is the number of a service's port that is named "8080-tcp".
  bool is_named_port(const LinkName& name, std::string_view value) const;
  /// The alias as it was given to --link, from <PREFIX>_NAME=/me/alias.
  std::optional<std::string> alias_of(std::string_view prefix) const;
  /// Whether Docker's <name>_ADDR says the same address as the value; nothing if there is none.
  std::optional<bool> agrees_with_addr(const LinkName& name, std::string_view host) const;

 private:
  Entries entries_;
  std::map<std::string, std::string_view, std::less<>> values_;  ///< By upper-cased name.
};

/// What Docker and Kubernetes make of an alias: upper case, '-' becomes '_'.
std::string variable_form(std::string_view alias);

}  // namespace amb
