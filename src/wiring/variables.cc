// SPDX-License-Identifier: Apache-2.0
#include "wiring/variables.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "wiring/secrets.h"

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
      if (const auto name = trim(word); !name.empty()) unmet_[variable_form(name)].insert(std::string(name));
    }
  }

  bool is_set() const { return text_.has_value(); }

  bool admits(std::string_view prefix) {
    const auto named = unmet_.find(variable_form(prefix));
    if (named == unmet_.end()) return false;
    named->second.clear();
    return true;
  }

  void report_unmet(Findings& findings) const {
    std::set<std::string_view> unmet;
    for (const auto& [form, names] : unmet_) unmet.insert(names.begin(), names.end());
    const std::string shown = text_ ? shown_value(*text_) : std::string();
    for (const auto name : unmet) {
      findings.problems.push_back(
          {{Origin::Kind::variable, "AMBASSADOR_LINKS"},
           shown,
           "'" + escape_text(name, 80) + "' is no link of this environment",
           "names that stand before _PORT_<port>_TCP in a variable, separated by commas"});
    }
  }

 private:
  std::optional<std::string_view> text_;
  /// What was named, by its variable_form(); no longer once a link has it.
  std::map<std::string, std::set<std::string>> unmet_;
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
