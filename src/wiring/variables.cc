// SPDX-License-Identifier: Apache-2.0
#include "wiring/variables.h"

#include <optional>
#include <set>

#include "base/text.h"

namespace amb {

namespace {

constexpr auto kCopiedWhy = "a copy of another container's variable, never followed";

struct LinkVariable {
  Origin origin;
  LinkName name;
  std::string_view value;
  bool copied = false;
};

std::vector<LinkVariable> find_link_variables(const Environment& environment) {
  std::vector<LinkVariable> found;
  for (const auto& [key, value] : environment.entries()) {
    auto name = parse_link_name(key);
    if (!name || !means_a_link(*name, value)) continue;
    const bool copied = environment.is_copied(*name, value);
    found.push_back({{Origin::Kind::variable, key}, *std::move(name), value, copied});
  }
  return found;
}

/// AMBASSADOR_LINKS: with it, exactly the named links are opened.
class AllowList {
 public:
  explicit AllowList(std::optional<std::string_view> text) : text_(text) {
    if (!text) return;
    for (const auto word : split(*text, ',')) {
      if (const auto name = trim(word); !name.empty()) names_.insert(std::string(name));
    }
  }

  bool is_set() const { return text_.has_value(); }

  bool admits(std::string_view prefix) {
    const std::string wanted = variable_form(prefix);
    bool admitted = false;
    for (const auto& name : names_) {
      if (variable_form(name) != wanted) continue;
      met_.insert(name);
      admitted = true;
    }
    return admitted;
  }

  void report_unmet(Findings& findings) const {
    for (const auto& name : names_) {
      if (met_.contains(name)) continue;
      findings.problems.push_back(
          {{Origin::Kind::variable, "AMBASSADOR_LINKS"},
           std::string(*text_),
           "'" + escape_text(name, 80) + "' is no link of this environment",
           "names that stand before _PORT_<port>_TCP in a variable, separated by commas"});
    }
  }

 private:
  std::optional<std::string_view> text_;
  std::set<std::string> names_;
  std::set<std::string> met_;
};

void ask_for_allow_list(std::size_t services, Findings& findings) {
  findings.problems.push_back({whole_environment(),
                               {},
                               "only Kubernetes service variables were found (" + std::to_string(services) +
                                   (services == 1 ? " service" : " services") +
                                   "), and a pod sees every service of its namespace",
                               "AMBASSADOR_LINKS=<service>,... naming the ones to open, or a link by "
                               "argument or NAME_PORT_<port>_TCP"});
}

}  // namespace

void read_variables(const Environment& environment, Demand demand, Findings& findings,
                    std::vector<Draft>& drafts) {
  AllowList allowed(environment.setting("AMBASSADOR_LINKS"));
  std::set<std::string> services;
  bool anything_else = false;
  for (const auto& [origin, name, value, copied] : find_link_variables(environment)) {
    if (environment.is_named_port(name, value)) {
      ignore(origin, value, "the number of a named Kubernetes port, not a link", findings);
    } else if (copied) {
      ignore(origin, {}, kCopiedWhy, findings);
    } else if (allowed.is_set() && !allowed.admits(name.prefix)) {
      ignore(origin, value, "not named in AMBASSADOR_LINKS", findings);
    } else if (!allowed.is_set() && environment.is_service(name.prefix)) {
      services.insert(to_upper(name.prefix));
      ignore(origin, value, "a Kubernetes service that AMBASSADOR_LINKS does not name", findings);
    } else {
      anything_else = true;
      read_link(origin, name, value, findings, drafts);
    }
  }
  allowed.report_unmet(findings);
  if (demand == Demand::needed && !services.empty() && !anything_else)
    ask_for_allow_list(services.size(), findings);
}

void ignore_variables(const Environment& environment, std::string_view why, Findings& findings) {
  for (const auto& [origin, name, value, copied] : find_link_variables(environment)) {
    ignore(origin, copied ? std::string_view() : value, copied ? kCopiedWhy : std::string(why), findings);
  }
}

Origin whole_environment() { return {Origin::Kind::variable, "environment"}; }

}  // namespace amb
