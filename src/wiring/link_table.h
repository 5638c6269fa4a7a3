// SPDX-License-Identifier: Apache-2.0
//
// The links in force, under the numbers by which everything that runs knows them. A link keeps its number for
// as long as anybody may speak of it: one that left the wiring still has sessions, and a name in the log.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "wiring/wiring.h"

namespace amb {

class LinkTable {
 public:
  LinkTable() = default;
  /// Numbered from 0.
  explicit LinkTable(std::vector<Link> links);

  std::size_t add(Link link);                   ///< At the end of the wiring's order.
  void replace(std::size_t number, Link link);  ///< Same number, same place.
  void forget(std::size_t number);  ///< Not live, and nobody speaks of it any more: may be reused.
  /// The live ones, in the wiring's order. A link that is not among them any more is still known.
  void arrange(std::vector<std::size_t> order) { live_ = std::move(order); }

  const Link& operator[](std::size_t number) const { return *links_[number]; }
  bool is_known(std::size_t number) const { return number < links_.size() && links_[number].has_value(); }
  const std::vector<std::size_t>& live() const { return live_; }  ///< In the wiring's order.
  std::vector<Link> live_links() const;
  std::optional<std::size_t> find(std::string_view name) const;  ///< Among the live ones.

 private:
  std::vector<std::optional<Link>> links_;
  std::vector<std::size_t> live_;
  std::vector<std::size_t> free_;
};

}  // namespace amb
