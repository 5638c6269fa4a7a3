// SPDX-License-Identifier: Apache-2.0
//
// The little plays that every fault disturbs. Each is a whole life of a session or two, and says what must
// have happened if nothing could break.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "faults/fault.h"
#include "faults/stage.h"

namespace amb::test {

struct Scenario {
  std::string_view name;
  void (*play)(Stage& stage);
  std::size_t max_sessions = 100;
  bool needs_splicing = false;
  bool refuses_first = false;     ///< The first of two endpoints refuses.
  bool drains = false;            ///< The link takes nobody afterwards.
  std::optional<Fault> standing;  ///< Goes wrong in every run of it.
};

const std::vector<Scenario>& scenarios();

}  // namespace amb::test
