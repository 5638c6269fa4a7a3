// SPDX-License-Identifier: Apache-2.0
//
// The two sides of a session and the two directions between them. Nothing on the data path is written once
// per direction: it takes one of these instead.
#pragma once

#include <cstddef>
#include <cstdint>

namespace amb {

enum class Side : std::uint8_t { downstream, upstream };
enum class Direction : std::uint8_t { to_upstream, to_downstream };

inline constexpr Direction kBothDirections[] = {Direction::to_upstream, Direction::to_downstream};

constexpr std::size_t index(Side side) { return static_cast<std::size_t>(side); }
constexpr std::size_t index(Direction direction) { return static_cast<std::size_t>(direction); }

/// Where a direction's bytes come from, and where they go.
constexpr Side source(Direction d) { return d == Direction::to_upstream ? Side::downstream : Side::upstream; }
constexpr Side sink(Direction d) { return d == Direction::to_upstream ? Side::upstream : Side::downstream; }

constexpr Direction from(Side side) {
  return side == Side::downstream ? Direction::to_upstream : Direction::to_downstream;
}
constexpr Direction towards(Side side) {
  return side == Side::upstream ? Direction::to_upstream : Direction::to_downstream;
}
constexpr Direction opposite(Direction d) {
  return d == Direction::to_upstream ? Direction::to_downstream : Direction::to_upstream;
}

}  // namespace amb
