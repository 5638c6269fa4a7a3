// SPDX-License-Identifier: Apache-2.0
//
// What options mean for each other: one that needs another, one that turns another on. Each option alone is
// judged by its row in options.cc.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "wiring/complaint.h"
#include "wiring/options.h"
#include "wiring/wiring.h"

namespace amb {

struct OptionComplaint {
  std::string_view option;  ///< Whose place is to be named; the table's own text.
  Complaint complaint;
};

/// While a link refuses, nobody connects, so that only a check can notice that an endpoint is back: without
/// `health`, unavailable=refuse turns on health=tcp.
void imply_options(OptionValues& values);

/// Everything that was said and does not go together.
std::vector<OptionComplaint> check_together(const OptionValues& values, std::span<const Target> targets);

/// Mode, owner and group are for the files of UNIX paths. `listen` is everywhere that the link listens;
/// nothing is said while that is not known.
std::vector<OptionComplaint> check_socket_file(const OptionValues& values,
                                               std::span<const SocketAddress> listen);

}  // namespace amb
