// SPDX-License-Identifier: Apache-2.0
#include "wiring/hosts_file.h"

#include <algorithm>

#include "base/text.h"

namespace amb {

namespace {

std::vector<std::string> split_words(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r\v\f";
  std::vector<std::string> words;
  for (auto begin = line.find_first_not_of(kSpace); begin != std::string_view::npos;) {
    const auto end = std::min(line.find_first_of(kSpace, begin), line.size());
    words.emplace_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kSpace, end);
  }
  return words;
}

}  // namespace

std::vector<HostsEntry> parse_hosts(std::string_view text) {
  std::vector<HostsEntry> entries;
  std::size_t number = 0;
  for (const auto line : split(text, '\n')) {
    ++number;
    auto words = split_words(line.substr(0, line.find('#')));
    if (words.size() < 2 || words.front().find('%') != std::string::npos) continue;
    const auto address = SocketAddress::from_ip(words.front(), 0);
    if (!address) continue;
    words.erase(words.begin());
    entries.push_back({number, address->unmapped(), std::move(words)});
  }
  return entries;
}

}  // namespace amb
