// SPDX-License-Identifier: Apache-2.0
//
// Whether an ambassador runs beside this command, in the same PID namespace, without asking it: for a health
// check where there is no control socket that could be asked.
#pragma once

#include <optional>
#include <string>

namespace amb {

/// The process id of one that relays for our user, or for anybody if we are root: it has the same program
/// file as this process, or the same name where that file cannot be seen, is no command that asks or checks,
/// and is neither stopped nor dead. The lowest one, which is process 1 of a container.
std::optional<int> find_neighbour(const std::string& proc = "/proc");

}  // namespace amb
