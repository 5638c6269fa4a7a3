// SPDX-License-Identifier: Apache-2.0
#include "wiring/link_table.h"

#include <algorithm>
#include <utility>

namespace amb {

LinkTable::LinkTable(std::vector<Link> links) {
  for (Link& link : links) (void)add(std::move(link));
}

std::size_t LinkTable::add(Link link) {
  std::size_t number = links_.size();
  if (free_.empty()) {
    links_.emplace_back(std::move(link));
  } else {
    number = free_.back();
    free_.pop_back();
    links_[number] = std::move(link);
  }
  live_.push_back(number);
  return number;
}

void LinkTable::replace(std::size_t number, Link link) { links_[number] = std::move(link); }

void LinkTable::forget(std::size_t number) {
  links_[number].reset();
  free_.push_back(number);
}

std::vector<Link> LinkTable::live_links() const {
  std::vector<Link> links;
  for (const std::size_t number : live_) links.push_back((*this)[number]);
  return links;
}

std::optional<std::size_t> LinkTable::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(live_, [&](std::size_t number) { return (*this)[number].name == name; });
  return found == live_.end() ? std::nullopt : std::optional(*found);
}

}  // namespace amb
