// SPDX-License-Identifier: Apache-2.0
#include "wiring/options.h"

#include <algorithm>
#include <array>
#include <boost/url/parse_query.hpp>
#include <map>

#include "base/text.h"
#include "wiring/duration.h"
#include "wiring/listen_address.h"

namespace amb {

namespace {

template <auto Field, Zero Zeros = Zero::refused>
Checked<std::string> read_duration(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  const auto duration = parse_duration(text, Zeros);
  if (!duration) return std::unexpected(duration.error());
  into.options.*Field = *duration;
  return format_duration(*duration);
}

template <auto Field>
std::string show_duration(const LinkOptions& options) {
  return format_duration(options.*Field);
}

Checked<std::string> read_listen(std::string_view text, std::uint16_t link_port, OptionValues& into) {
  const auto address = parse_listen_address(text, link_port);
  if (!address) return std::unexpected(address.error());
  if (std::ranges::find(into.listen, *address) == into.listen.end()) into.listen.push_back(*address);
  return address->to_string();
}

std::string show_nothing(const LinkOptions& /*options*/) { return {}; }

using L = LinkOptions;

constexpr std::array<Option, 7> kOptions = {{
    {"listen", "address, repeatable", "", "where to listen: tcp://IP[:PORT], IP, IP:PORT or unix:///path",
     read_listen, show_nothing, true},
    {"connect_timeout", "duration", "1s", "one attempt to connect to one endpoint",
     read_duration<&L::connect_timeout>, show_duration<&L::connect_timeout>},
    {"connect_total", "duration", "3s", "all attempts of one session, resolving the name included",
     read_duration<&L::connect_total>, show_duration<&L::connect_total>},
    {"half_close_timeout", "duration", "1h", "one side has ended and nothing moved for this long",
     read_duration<&L::half_close_timeout>, show_duration<&L::half_close_timeout>},
    {"idle_timeout", "duration", "0s", "nothing moved either way for this long; 0 is never",
     read_duration<&L::idle_timeout, Zero::allowed>, show_duration<&L::idle_timeout>},
    {"dead_peer", "duration", "1m", "bytes sent and not acknowledged for this long",
     read_duration<&L::dead_peer>, show_duration<&L::dead_peer>},
    {"abort_flush", "duration", "5s",
     "after a reset: what is left to deliver makes no progress for this long", read_duration<&L::abort_flush>,
     show_duration<&L::abort_flush>},
}};

constexpr auto kNames = [] {
  std::array<std::string_view, kOptions.size()> names;
  std::ranges::transform(kOptions, names.begin(), &Option::name);
  return names;
}();

Complaint unknown_option(std::string_view name) {
  Complaint complaint{"option '" + escape_text(name, 60) + "' is not known", join_words(kNames)};
  if (const auto near = nearest_word(name, kNames))
    complaint.what += "; did you mean " + std::string(*near) + "?";
  return complaint;
}

/// RFC 3986 wants brackets encoded in a query; people write listen=tcp://[::1]:6379.
std::string encode_brackets(std::string_view query) {
  std::string result;
  for (const char c : query) result += c == '[' ? "%5B" : c == ']' ? "%5D" : std::string(1, c);
  return result;
}

/// Reads one option after the other and remembers what each was set to.
class OptionReader {
 public:
  OptionReader(std::uint16_t link_port, std::vector<Complaint>& complaints)
      : link_port_(link_port), complaints_(complaints) {}

  void read_query(std::string_view query) {
    const std::string encoded = encode_brackets(query);
    const auto parsed = boost::urls::parse_query(encoded);
    if (!parsed) {
      complaints_.push_back({"the options '" + escape_text(query) + "' are not a URL query",
                             "name=value&name=value, other characters as %XX"});
      return;
    }
    for (const auto& parameter : *parsed) read_option(parameter.key.decode(), parameter.value.decode());
  }

  OptionValues take() { return std::move(values_); }

 private:
  void read_option(const std::string& name, const std::string& text) {
    const auto* option = std::ranges::find(kOptions, name, &Option::name);
    if (option == kOptions.end()) return complaints_.push_back(unknown_option(name));
    auto value = option->read(text, link_port_, values_);
    if (!value) {
      return complaints_.push_back(
          {"option " + name + ": " + value.error().what, std::move(value.error().accepted)});
    }
    const auto [earlier, is_first] = seen_.emplace(name, *value);
    if (is_first || option->repeatable || earlier->second == *value) return;
    complaints_.push_back({"option " + name + " is given as " + earlier->second + " and as " + *value,
                           "one value; it holds for all targets of the link"});
  }

  std::uint16_t link_port_;
  std::vector<Complaint>& complaints_;
  OptionValues values_;
  std::map<std::string, std::string> seen_;
};

}  // namespace

std::span<const Option> option_table() { return kOptions; }

OptionValues read_options(std::span<const std::string> queries, std::uint16_t link_port,
                          std::vector<Complaint>& complaints) {
  OptionReader reader(link_port, complaints);
  for (const auto& query : queries) {
    if (!query.empty()) reader.read_query(query);
  }
  return reader.take();
}

}  // namespace amb
