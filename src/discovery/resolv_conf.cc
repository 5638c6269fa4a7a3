// SPDX-License-Identifier: Apache-2.0
#include "discovery/resolv_conf.h"

#include <algorithm>

#include "base/text.h"

namespace amb {

namespace {

constexpr std::size_t kMostNameServers = 3;  // as glibc
constexpr std::size_t kMostDomains = 32;
constexpr std::size_t kMostNdots = 15;
constexpr int kMostAttempts = 5;
constexpr int kMostTimeoutS = 30;
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestLabel = 63;
constexpr std::uint16_t kDnsPort = 53;

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\f\v";
  std::vector<std::string_view> words;
  while (true) {
    const auto start = text.find_first_not_of(kBlanks);
    if (start == std::string_view::npos) return words;
    text.remove_prefix(start);
    const auto end = std::min(text.find_first_of(kBlanks), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

bool is_domain(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return false;
  return std::ranges::all_of(split(name, '.'), [](std::string_view label) {
    return !label.empty() && label.size() <= kLongestLabel;
  });
}

}  // namespace

void ResolvConf::read_search(std::string_view domains) {
  search.clear();
  for (std::string_view domain : words_of(domains)) {
    if (domain.ends_with('.')) domain.remove_suffix(1);
    if (is_domain(domain) && search.size() < kMostDomains) search.emplace_back(domain);
  }
}

void ResolvConf::read_options(std::string_view words) {
  for (const std::string_view word : words_of(words)) {
    const auto colon = std::min(word.find(':'), word.size());
    const std::string_view name = word.substr(0, colon);
    const auto number = parse_number<unsigned>(word.substr(std::min(colon + 1, word.size())));
    if (name == "rotate") rotates = true;
    if (name == "use-vc") uses_tcp = true;
    if (!number) continue;
    if (name == "ndots") ndots = std::min<std::size_t>(*number, kMostNdots);
    if (name == "timeout") timeout = std::chrono::seconds(std::clamp<unsigned>(*number, 1, kMostTimeoutS));
    if (name == "attempts") attempts = static_cast<int>(std::clamp<unsigned>(*number, 1, kMostAttempts));
  }
}

void ResolvConf::read(std::string_view text) {
  for (const std::string_view line : split(text, '\n')) {
    const auto words = words_of(line);
    if (words.size() < 2) continue;
    const std::string_view keyword = words[0];
    const std::string_view rest = line.substr(static_cast<std::size_t>(words[1].data() - line.data()));
    if (keyword == "search") read_search(rest);
    if (keyword == "domain") read_search(words[1]);
    if (keyword == "options") read_options(rest);
    if (keyword != "nameserver" || servers.size() == kMostNameServers) continue;
    if (const auto server = SocketAddress::from_ip(words[1], kDnsPort)) servers.push_back(*server);
  }
}

std::vector<std::string> names_to_ask(const std::string& name, const ResolvConf& conf,
                                      SearchList search_list) {
  std::vector<std::string> names;
  const auto dots = static_cast<std::size_t>(std::ranges::count(name, '.'));
  const bool stands_first = dots >= conf.ndots;
  if (stands_first || search_list == SearchList::ignored || name.ends_with('.')) names.push_back(name);
  if (search_list == SearchList::ignored || name.ends_with('.')) return names;
  for (const std::string& domain : conf.search) {
    if (std::string longer = name + "." + domain; is_domain(longer)) names.push_back(std::move(longer));
  }
  if (!stands_first) names.push_back(name);
  return names;
}

}  // namespace amb
