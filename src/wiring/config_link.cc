// SPDX-License-Identifier: Apache-2.0
#include "wiring/config_link.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <set>
#include <utility>

#include "base/text.h"
#include "wiring/listen_address.h"
#include "wiring/option_reader.h"
#include "wiring/secrets.h"
#include "wiring/target_url.h"

namespace amb {

namespace {

constexpr auto kListenAccepted =
    "\"tcp://IP:PORT\", \"unix:///path\", \"unix:@name\", a port of 127.0.0.1, or an array of these";
constexpr auto kUpstreamAccepted =
    "\"tcp://host:port\", \"unix:///path\", \"unix:@name\", \"srv://_service._tcp.name\", or an array of "
    "these";

bool is_text(const TomlValue& value) {
  return value.kind == TomlValue::Kind::string || value.kind == TomlValue::Kind::integer ||
         value.kind == TomlValue::Kind::boolean;
}

/// A line end may have come with a secret; of bytes it may be a part.
std::string_view meant_text(const Option& option, std::string_view text) {
  return option.type == "bytes" ? text : trim(text);
}

/// A single value is an array of one.
std::vector<const TomlValue*> items_of(const TomlValue& value) {
  if (value.kind != TomlValue::Kind::array) return {&value};
  std::vector<const TomlValue*> items;
  for (const auto& item : value.items) items.push_back(&item);
  return items;
}

/// One table [links.NAME], read once.
class ConfigLink {
 public:
  /// Of `room` problems the words are wanted, the others are counted.
  ConfigLink(const ConfigText& config, const TomlEntry& entry, std::size_t room)
      : config_(config), entry_(entry), problems_(room) {}

  void read(Findings& findings, std::vector<Draft>& drafts) {
    read_name();
    if (entry_.value.kind != TomlValue::Kind::table) {
      complain(entry_.place, shown_text(entry_),
               {"link " + quote_text(entry_.key) + " is " + std::string(to_string(entry_.value.kind)),
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
    if (problems_.is_full()) return problems_.leave_out(1);
    problems_.push_back({origin_at(config_, place), shown_value(value), std::move(complaint.what),
                         std::move(complaint.accepted)});
  }

  void complain_of_all(TomlPlace place, std::string_view value, const Complaints& complaints) {
    if (complaints.empty()) return;
    const std::string shown = shown_value(value);
    for (const auto& complaint : complaints)
      problems_.push_back({origin_at(config_, place), shown, complaint.what, complaint.accepted});
    problems_.leave_out(complaints.left_out());
  }

  void read_name() {
    constexpr std::string_view kCharacters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    const std::string& name = entry_.key;
    const bool is_good =
        !name.empty() && name.size() <= 64 && name.find_first_not_of(kCharacters) == std::string::npos;
    if (is_good) return;
    complain(entry_.place, name,
             {quote_text(name) + " cannot be the name of a link",
              "up to 64 of letters, digits, '-', '_' and '.'"});
  }

  /// The entry of a key that every link has.
  const TomlValue* find_required(std::string_view key, const char* accepted) {
    const TomlEntry* found = find_entry(entry_.value, key);
    if (found == nullptr) {
      complain(entry_.place, {},
               {"link " + quote_text(entry_.key) + " has no " + std::string(key),
                std::string(key) + " = " + accepted});
      return nullptr;
    }
    if (found->value.kind == TomlValue::Kind::array && found->value.items.empty())
      complain(found->value.place, {}, {std::string(key) + " is an empty array", accepted});
    return &found->value;
  }

  void read_listen() {
    if (const TomlValue* value = find_required("listen", kListenAccepted)) {
      const auto items = items_of(*value);
      if (items.size() > kMostListen) {
        complain(value->place, {},
                 {"listen has " + std::to_string(items.size()) + " addresses",
                  "at most " + std::to_string(kMostListen) + " addresses of one link"});
      }
      for (const TomlValue* item : items | std::views::take(kMostListen)) read_listen_address(*item);
    }
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
                                 : parse_listen_address(mask_secrets(trim(item.text)), 0);
    if (!address)
      return complain(item.place, item.text, {"listen: " + address.error().what, kListenAccepted});
    listen_at(*address);
  }

  void listen_at(const SocketAddress& address) {
    if (std::ranges::find(listen_, address) == listen_.end()) listen_.push_back(address);
  }

  void read_upstream(OptionReader& options) {
    const TomlValue* value = find_required("upstream", kUpstreamAccepted);
    if (value == nullptr) return;
    const auto items = items_of(*value);
    std::size_t count = 0;
    for (const TomlValue* item : items) count += std::max<std::size_t>(count_targets(item->text), 1);
    if (count > kMostTargets) complain(value->place, {}, too_many_targets(count));
    for (const TomlValue* item : items | std::views::take(kMostTargets)) {
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
    Complaints complaints(problems_.room());
    TargetList list = parse_targets(trim(item.text), default_port_, complaints);
    for (const auto& query : list.queries) {
      if (!query.empty()) options.read_query(query, origin_at(config_, item.place), complaints);
    }
    for (auto& target : list.targets) {
      if (known_targets_.insert(target.text).second) targets_.push_back(std::move(target));
    }
    complain_of_all(item.place, item.text, complaints);
  }

  void read_options(OptionReader& options) {
    constexpr std::array<std::string_view, 1> kAlso = {"upstream"};
    for (const TomlEntry& entry : entry_.value.entries) {
      const auto& [key, place, value] = entry;
      if (key == "listen" || key == "upstream") continue;
      const Option* option = find_option(key);
      if (option == nullptr && problems_.is_full()) {
        problems_.leave_out(1);
      } else if (option == nullptr) {
        complain(place, shown_text(entry), unknown_option(key, kAlso));
      } else if (!is_text(value)) {
        complain(value.place, {},
                 {"option " + key + " is " + std::string(to_string(value.kind)), std::string(option->type)});
      } else {
        Complaints complaints(problems_.room());
        options.read(key, meant_text(*option, value.text), origin_at(config_, value.place), complaints);
        complain_of_all(value.place, shown_text(entry), complaints);
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
    std::string why = join_problems(problems_);
    for (const auto& problem : problems_) findings.problems.push_back(problem);
    findings.problems.leave_out(problems_.left_out());
    findings.candidates.push_back({origin_at(config_, entry_.place),
                                   shown_value(value_),
                                   Candidate::Fate::problem,
                                   {},
                                   std::move(why)});
  }

  const ConfigText& config_;
  const TomlEntry& entry_;
  Problems problems_;
  std::vector<SocketAddress> listen_;
  std::vector<Target> targets_;
  std::set<std::string> known_targets_;
  std::uint16_t default_port_ = 0;  ///< Of targets that say none; 0 while every one must.
  std::string value_;               ///< What the link leads to, as it was written.
};

}  // namespace

void read_config_link(const ConfigText& config, const TomlEntry& entry, Findings& findings,
                      std::vector<Draft>& drafts) {
  ConfigLink(config, entry, findings.problems.room()).read(findings, drafts);
}

Origin origin_at(const ConfigText& config, TomlPlace place) {
  return {Origin::Kind::file,
          config.path + ":" + std::to_string(place.line) + ":" + std::to_string(place.column)};
}

std::string quote_text(std::string_view text, std::size_t most_bytes) {
  return "'" + escape_text(mask_secrets(text), most_bytes) + "'";
}

std::string_view shown_text(const TomlEntry& entry) {
  return is_secret_name(entry.key) ? kMask : std::string_view(entry.value.text);
}

}  // namespace amb
