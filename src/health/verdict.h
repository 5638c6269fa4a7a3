// SPDX-License-Identifier: Apache-2.0
//
// What one check found. `why` is for people and may hold the server's own words: raw, but short, so that
// whoever prints it must escape it and nobody needs to cut it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace amb {

struct Verdict {
  enum class Kind : std::uint8_t {
    well,
    not_well,
    absent,     ///< Nobody listens there. Certain: asking again would say the same.
    standby,    ///< Well, but a replica where the primary is wanted. Certain: it says so itself.
    undecided,  ///< The check could not be made for a reason of our own; says nothing about the endpoint.
  };
  static constexpr std::size_t kMostWhyBytes = 200;

  Kind kind = Kind::undecided;
  std::string why;

  bool is_certain() const { return kind == Kind::absent || kind == Kind::standby; }
  bool operator==(const Verdict&) const = default;
};

inline Verdict make_verdict(Verdict::Kind kind, std::string why) {
  if (why.size() > Verdict::kMostWhyBytes) why.resize(Verdict::kMostWhyBytes);
  return {kind, std::move(why)};
}
inline Verdict well(std::string why) { return make_verdict(Verdict::Kind::well, std::move(why)); }
inline Verdict not_well(std::string why) { return make_verdict(Verdict::Kind::not_well, std::move(why)); }
inline Verdict absent(std::string why) { return make_verdict(Verdict::Kind::absent, std::move(why)); }
inline Verdict standby(std::string why) { return make_verdict(Verdict::Kind::standby, std::move(why)); }
inline Verdict undecided(std::string why) { return make_verdict(Verdict::Kind::undecided, std::move(why)); }

}  // namespace amb
