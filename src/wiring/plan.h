// SPDX-License-Identifier: Apache-2.0
//
// The steps from one wiring to the next: which links are the same, which are other than before, which come
// and go. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wiring/wiring.h"

namespace amb {

/// One line of a preview: what a change of the wiring does to one link.
struct PlanStep {
  enum class Kind { add, change, remove };
  Kind kind = Kind::change;
  std::string link;
  /// "upstream tcp://a:1 -> tcp://b:1", "listen +0.0.0.0:80", "health none -> redis".
  std::vector<std::string> details;
  bool operator==(const PlanStep&) const = default;
};

struct Plan {
  /// For each link of the next wiring its place in the present one; nothing for a new one.
  std::vector<std::optional<std::size_t>> before_of;
  std::vector<std::size_t>
      changed;  ///< Places in the next wiring of links that are new or other than before.
  std::vector<std::size_t> removed;  ///< Places in the present wiring.
  std::vector<PlanStep> steps;       ///< Only what changes: in the next wiring's order, removals last.

  bool is_empty() const { return steps.empty(); }
};

/// A link is the same one as before if it has its name, or else its first listening address.
Plan make_plan(std::span<const Link> before, std::span<const Link> after);

std::string_view to_string(PlanStep::Kind kind);  ///< "add", "change", "remove".

/// "tcp://a:1, tcp://b:2", escaped.
std::string join_targets(const Link& link);

}  // namespace amb
