// SPDX-License-Identifier: Apache-2.0
//
// What the changes of a live wiring have in common, whichever of its files they are in.
#pragma once

#include <exception>
#include <expected>
#include <utility>

#include "admin/control.h"
#include "wiring/variables.h"
#include "wiring/wiring.h"

namespace amb {

/// Same targets and same options.
bool leads_alike(const Link& a, const Link& b);

ControlError stopping_error();

/// What no one foresaw fails one change, and not the program with all its sessions.
auto guarded(auto change, auto on_failure) -> decltype(change()) {
  try {
    return change();
  } catch (const std::exception& failure) {
    return std::unexpected(on_failure(Problem{whole_environment(), {}, failure.what(), "another try"}));
  }
}

}  // namespace amb
