// SPDX-License-Identifier: Apache-2.0
//
// Gathers the options of one link from wherever they are said: the queries of its targets, or keys of a file.
// Remembers where each came from, and complains of two that contradict.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wiring/option_rules.h"
#include "wiring/options.h"
#include "wiring/wiring.h"

namespace amb {

class OptionReader {
 public:
  /// `link_port` is what a listening address has that says no port; `initial` holds where nothing is said.
  explicit OptionReader(std::uint16_t link_port, LinkOptions initial = {}) : link_port_(link_port) {
    values_.options = std::move(initial);
  }

  /// "a=1&b=2", as it stands behind the '?' of a URL.
  void read_query(std::string_view query, const Origin& origin, Complaints& complaints);

  /// One option, its text as it is meant.
  void read(std::string_view name, std::string_view text, const Origin& origin, Complaints& complaints);

  /// Where the link listens whatever its options say.
  void listens_at(std::span<const SocketAddress> addresses) {
    elsewhere_.assign(addresses.begin(), addresses.end());
  }

  /// Once everything has been read: what it makes together. An option that could not be read is not blamed
  /// for its absence.
  OptionValues finish(std::span<const Target> targets, std::vector<OptionComplaint>& complaints);

 private:
  void complain_of_two(const GivenOption& earlier, const Origin& origin, const LinkOptions& now,
                       Complaints& complaints) const;

  std::uint16_t link_port_;
  OptionValues values_;
  std::vector<SocketAddress> elsewhere_;  ///< Where it listens besides values_.listen.
  std::set<std::string, std::less<>> unreadable_;
};

}  // namespace amb
