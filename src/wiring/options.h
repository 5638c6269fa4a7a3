// SPDX-License-Identifier: Apache-2.0
//
// Everything a link can be told besides where it leads, as one table: a row per option feeds the query of a
// target URL, `ambassador check` and the documentation. A new option is a new row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wiring/complaint.h"
#include "wiring/wiring.h"

namespace amb {

/// What the options of one link say. `listen` is empty when no listen= was given.
struct OptionValues {
  LinkOptions options;
  std::vector<SocketAddress> listen;
};

struct Option {
  std::string_view name;
  std::string_view type;     ///< "duration", "address, repeatable"
  std::string_view initial;  ///< What holds when it is not given, as show() prints it.
  std::string_view help;     ///< One line.

  /// Stores the value; `link_port` is the port in the link's name. Gives back the value in one spelling.
  Checked<std::string> (*read)(std::string_view text, std::uint16_t link_port, OptionValues& into);
  /// The value of a link; empty for what is not in LinkOptions.
  std::string (*show)(const LinkOptions& options);
  bool repeatable = false;
};

std::span<const Option> option_table();

/// All queries of one value together ("a=1&b=2" each): options of several targets are merged, contradictions
/// are complaints.
OptionValues read_options(std::span<const std::string> queries, std::uint16_t link_port,
                          std::vector<Complaint>& complaints);

}  // namespace amb
