// SPDX-License-Identifier: Apache-2.0
#include "wiring/config_file.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"
#include "wiring/listen_address.h"
#include "wiring/option_reader.h"
#include "wiring/secrets.h"
#include "wiring/target_url.h"
#include "wiring/toml_tree.h"

namespace amb {

namespace {

constexpr auto kListenAccepted =
    "\"tcp://IP:PORT\", \"unix:///path\", \"unix:@name\", a port of 127.0.0.1, or an array of these";
constexpr auto kUpstreamAccepted =
    "\"tcp://host:port\", \"unix:///path\", \"unix:@name\", \"srv://_service._tcp.name\", or an array of "
    "these";

Origin origin_at(const ConfigText& config, TomlPlace place) {
  return {Origin::Kind::file,
          config.path + ":" + std::to_string(place.line) + ":" + std::to_string(place.column)};
}

std::string quote(std::string_view text, std::size_t most_bytes = 80) {
  return "'" + escape_text(mask_secrets(text), most_bytes) + "'";
}

/// What may be shown of an entry's value: an option that stands in a wrong place keeps its secret too.
std::string_view shown_value(const TomlEntry& entry) {
  return is_secret_name(entry.key) ? kMask : std::string_view(entry.value.text);
}

bool is_text(const TomlValue& value) {
  return value.kind == TomlValue::Kind::string || value.kind == TomlValue::Kind::integer ||
         value.kind == TomlValue::Kind::boolean;
}

/// A single value is an array of one.
std::vector<const TomlValue*> items_of(const TomlValue& value) {
  if (value.kind != TomlValue::Kind::array) return {&value};
  std::vector<const TomlValue*> items;
  for (const auto& item : value.items) items.push_back(&item);
  return items;
}

/// toml++ writes a line end in its sentences as "\\n" already: one backslash is enough.
std::string tell(const TomlError& error) {
  std::string text = escape_text(mask_secrets(error.what));
  for (auto at = text.find("\\\\"); at != std::string::npos; at = text.find("\\\\", at + 1))
    text.erase(at, 1);
  return text;
}

/// One table [links.NAME], read once.
class LinkTable {
 public:
  LinkTable(const ConfigText& config, const TomlEntry& entry) : config_(config), entry_(entry) {}

  void read(Findings& findings, std::vector<Draft>& drafts) {
    read_name();
    if (entry_.value.kind != TomlValue::Kind::table) {
      complain(entry_.place, shown_value(entry_),
               {"link " + quote(entry_.key) + " is " + std::string(to_string(entry_.value.kind)),
                "a table [links.NAME] with listen and upstream"});
      return hand_over_problems(findings);
    }
    read_listen();
    OptionReader options(default_port_);
    options.listens_at(listen_);
    read_upstream(options);
    read_options(options);
    OptionValues values = finish(options);
    if (!problems_.empty()) return hand_over_problems(findings);
    for (const auto& address : values.listen) listen_at(address);
    add_draft({.name = to_lower(entry_.key),
               .listen = std::move(listen_),
               .targets = std::move(targets_),
               .options = std::move(values.options),
               .given = std::move(values.given),
               .origins = {origin_at(config_, entry_.place)}},
              value_, {}, findings, drafts);
  }

 private:
  void complain(TomlPlace place, std::string_view value, Complaint complaint) {
    problems_.push_back({origin_at(config_, place), mask_secrets(value), std::move(complaint.what),
                         std::move(complaint.accepted)});
  }

  void complain_of_all(TomlPlace place, std::string_view value, std::vector<Complaint> complaints) {
    for (auto& complaint : complaints) complain(place, value, std::move(complaint));
  }

  void read_name() {
    constexpr std::string_view kCharacters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    const std::string& name = entry_.key;
    const bool is_good =
        !name.empty() && name.size() <= 64 && name.find_first_not_of(kCharacters) == std::string::npos;
    if (is_good) return;
    complain(
        entry_.place, name,
        {quote(name) + " cannot be the name of a link", "up to 64 of letters, digits, '-', '_' and '.'"});
  }

  /// The entry of a key that every link has.
  const TomlValue* find_required(std::string_view key, const char* accepted) {
    const TomlEntry* found = find_entry(entry_.value, key);
    if (found == nullptr) {
      complain(
          entry_.place, {},
          {"link " + quote(entry_.key) + " has no " + std::string(key), std::string(key) + " = " + accepted});
      return nullptr;
    }
    if (found->value.kind == TomlValue::Kind::array && found->value.items.empty())
      complain(found->value.place, {}, {std::string(key) + " is an empty array", accepted});
    return &found->value;
  }

  void read_listen() {
    const TomlValue* value = find_required("listen", kListenAccepted);
    for (const TomlValue* item : value == nullptr ? std::vector<const TomlValue*>() : items_of(*value))
      read_listen_address(*item);
    const auto with_port = std::ranges::find_if(listen_, &SocketAddress::is_ip);
    const bool is_wrong = !problems_.empty();
    // Port 1 stands in for a wrong one, so that a target without a port is not blamed for it.
    default_port_ =
        with_port != listen_.end() ? with_port->port() : static_cast<std::uint16_t>(is_wrong ? 1 : 0);
  }

  void read_listen_address(const TomlValue& item) {
    const bool is_port = item.kind == TomlValue::Kind::integer;
    if (!is_port && item.kind != TomlValue::Kind::string) {
      return complain(item.place, item.text,
                      {"listen is " + std::string(to_string(item.kind)), kListenAccepted});
    }
    const auto address = is_port ? parse_listen_address("127.0.0.1:" + item.text, 0)
                                 : parse_listen_address(mask_secrets(item.text), 0);
    if (!address)
      return complain(item.place, item.text, {"listen: " + address.error().what, kListenAccepted});
    listen_at(*address);
  }

  void listen_at(const SocketAddress& address) {
    if (std::ranges::find(listen_, address) == listen_.end()) listen_.push_back(address);
  }

  void read_upstream(OptionReader& options) {
    const TomlValue* value = find_required("upstream", kUpstreamAccepted);
    for (const TomlValue* item : value == nullptr ? std::vector<const TomlValue*>() : items_of(*value)) {
      if (item->kind != TomlValue::Kind::string) {
        complain(item->place, item->text,
                 {"upstream is " + std::string(to_string(item->kind)), kUpstreamAccepted});
        continue;
      }
      value_ += (value_.empty() ? "" : ",") + item->text;
      read_targets(*item, options);
    }
  }

  void read_targets(const TomlValue& item, OptionReader& options) {
    std::vector<Complaint> complaints;
    TargetList list = parse_targets(item.text, default_port_, complaints);
    for (const auto& query : list.queries) {
      if (!query.empty()) options.read_query(query, origin_at(config_, item.place), complaints);
    }
    for (auto& target : list.targets) {
      const bool known = std::ranges::find(targets_, target.text, &Target::text) != targets_.end();
      if (!known) targets_.push_back(std::move(target));
    }
    complain_of_all(item.place, item.text, std::move(complaints));
  }

  void read_options(OptionReader& options) {
    constexpr std::array<std::string_view, 1> kAlso = {"upstream"};
    for (const TomlEntry& entry : entry_.value.entries) {
      const auto& [key, place, value] = entry;
      if (key == "listen" || key == "upstream") continue;
      const Option* option = find_option(key);
      const std::string_view shown = shown_value(entry);
      if (option == nullptr) {
        complain(place, shown, unknown_option(key, kAlso));
      } else if (!is_text(value)) {
        complain(value.place, {},
                 {"option " + key + " is " + std::string(to_string(value.kind)), std::string(option->type)});
      } else {
        std::vector<Complaint> complaints;
        options.read(key, value.text, origin_at(config_, value.place), complaints);
        complain_of_all(value.place, shown, std::move(complaints));
      }
    }
  }

  /// What does not go together is told at the option's own place, where it has one.
  OptionValues finish(OptionReader& options) {
    std::vector<OptionComplaint> complaints;
    OptionValues values = options.finish(targets_, complaints);
    for (auto& [option, complaint] : complaints) {
      const TomlEntry* own = find_entry(entry_.value, option);
      const bool is_shown = own != nullptr && !is_secret_name(option);
      const std::string_view value = is_shown ? std::string_view(own->value.text) : std::string_view();
      complain(own == nullptr ? entry_.place : own->value.place, value, std::move(complaint));
    }
    if (const TomlEntry* own = find_entry(entry_.value, "listen"); own != nullptr) {
      std::erase_if(values.given, [](const GivenOption& given) { return given.name == "listen"; });
      values.given.insert(values.given.begin(), {"listen", origin_at(config_, own->value.place)});
    }
    return values;
  }

  void hand_over_problems(Findings& findings) {
    std::string why;
    for (auto& problem : problems_) {
      why += (why.empty() ? "" : "; ") + problem.what;
      findings.problems.push_back(std::move(problem));
    }
    findings.candidates.push_back({origin_at(config_, entry_.place),
                                   mask_secrets(value_),
                                   Candidate::Fate::problem,
                                   {},
                                   std::move(why)});
  }

  const ConfigText& config_;
  const TomlEntry& entry_;
  std::vector<Problem> problems_;
  std::vector<SocketAddress> listen_;
  std::vector<Target> targets_;
  std::uint16_t default_port_ = 0;  ///< Of targets that say none; 0 while every one must.
  std::string value_;               ///< What the link leads to, as it was written.
};

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
  constexpr std::array<std::string_view, 1> kKeys = {"links"};
  std::string what = quote(entry.key) + " is not known";
  if (nearest_word(entry.key, kKeys)) what += "; did you mean links?";
  findings.problems.push_back({origin_at(config, entry.place), mask_secrets(shown_value(entry)),
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
      findings.problems.push_back({origin_at(config, entry.place), mask_secrets(entry.value.text),
                                   "links is " + std::string(to_string(entry.value.kind)),
                                   "tables [links.NAME], each with a name of its own"});
    } else {
      for (const TomlEntry& link : entry.value.entries) LinkTable(config, link).read(findings, drafts);
    }
  }
}

void ignore_config_file(const ConfigText& config, std::string why, Findings& findings) {
  ignore({Origin::Kind::file, config.path}, {}, std::move(why), findings);
}

}  // namespace amb
