// SPDX-License-Identifier: Apache-2.0
//
// Everything a link can be told besides where it leads, as one table: a row per option feeds the query of a
// target URL, the file's keys, `ambassador check` and the documentation. A new option is a new row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wiring/complaint.h"
#include "wiring/wiring.h"

namespace amb {

/// Where one link listens: each is a socket for every worker.
inline constexpr std::size_t kMostListen = 256;

/// What the options of one link say. `listen` is empty when no listen= was given.
struct OptionValues {
  LinkOptions options;
  std::vector<SocketAddress> listen;
  std::vector<GivenOption> given;  ///< In the table's order, each name once.
};

struct Option {
  std::string_view name;
  std::string_view type;     ///< "duration", "address, repeatable"
  std::string_view initial;  ///< What holds when it is not given, as show() prints it.
  std::string_view help;     ///< One line.

  /// Stores the value; `link_port` is what a listening address has that says no port.
  Checked<void> (*read)(std::string_view text, std::uint16_t link_port, OptionValues& into);
  /// The value of a link in one spelling, escaped; "***" for a password, empty for what is not in
  /// LinkOptions.
  std::string (*show)(const LinkOptions& options);
  bool repeatable = false;
};

std::span<const Option> option_table();

/// Nothing for a name that is in no row.
const Option* find_option(std::string_view name);

/// Names the nearest of the options and all that can be said: those, and `also`.
Complaint unknown_option(std::string_view name, std::span<const std::string_view> also = {});

}  // namespace amb
