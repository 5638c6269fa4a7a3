// SPDX-License-Identifier: Apache-2.0
#include "wiring/config_file.h"

#include <array>
#include <string>
#include <utility>

#include "base/text.h"
#include "wiring/config_link.h"
#include "wiring/secrets.h"
#include "wiring/toml_tree.h"

namespace amb {

namespace {

/// toml++ writes a line end in its sentences as "\\n" already: one backslash is enough.
std::string tell(const TomlError& error) {
  std::string text = escape_text(mask_secrets(error.what));
  for (auto at = text.find("\\\\"); at != std::string::npos; at = text.find("\\\\", at + 1))
    text.erase(at, 1);
  return text;
}

/// What concerns the file as a whole.
void report(const ConfigText& config, std::string what, std::string accepted, Findings& findings) {
  Origin origin{Origin::Kind::file, config.path};
  std::string value;
  if (config.from == ConfigText::From::variable) {
    origin = {Origin::Kind::variable, "AMBASSADOR_CONFIG"};
    value = config.path;
  }
  findings.problems.push_back({std::move(origin), std::move(value), std::move(what), std::move(accepted)});
}

void report_unknown_key(const ConfigText& config, const TomlEntry& entry, Findings& findings) {
  if (findings.problems.is_full()) return findings.problems.leave_out(1);
  constexpr std::array<std::string_view, 1> kKeys = {"links"};
  std::string what = quote_text(entry.key) + " is not known";
  if (nearest_word(entry.key, kKeys)) what += "; did you mean links?";
  findings.problems.push_back({origin_at(config, entry.place), shown_value(shown_text(entry)),
                               std::move(what), "tables [links.NAME] and nothing else"});
}

}  // namespace

void read_config_file(const ConfigText& config, Findings& findings, std::vector<Draft>& drafts) {
  constexpr auto kAccepted = "a file that can be read, of at most 1 MiB, with tables [links.NAME]";
  if (!config.error.empty())
    return report(config, "the file of links cannot be read: " + escape_text(config.error), kAccepted,
                  findings);
  if (config.text.size() > kMostConfigBytes)
    return report(config, "the file of links is larger than 1 MiB", kAccepted, findings);
  const auto file = parse_toml(config.text);
  if (!file) {
    findings.problems.push_back({origin_at(config, file.error().place),
                                 {},
                                 "this is no TOML: " + tell(file.error()),
                                 "TOML 1.0, https://toml.io/en/v1.0.0"});
    return;
  }
  for (const TomlEntry& entry : file->entries) {
    if (entry.key != "links") {
      report_unknown_key(config, entry, findings);
    } else if (entry.value.kind != TomlValue::Kind::table) {
      findings.problems.push_back({origin_at(config, entry.place), shown_value(entry.value.text),
                                   "links is " + std::string(to_string(entry.value.kind)),
                                   "tables [links.NAME], each with a name of its own"});
    } else {
      for (const TomlEntry& link : entry.value.entries) read_config_link(config, link, findings, drafts);
    }
  }
}

void ignore_config_file(const ConfigText& config, std::string why, Findings& findings) {
  ignore({Origin::Kind::file, config.path}, {}, std::move(why), findings);
}

}  // namespace amb
