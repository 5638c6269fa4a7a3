// SPDX-License-Identifier: Apache-2.0
//
// All sources of the wiring as they were at one moment, and what follows from them.
#pragma once

#include "wiring/wiring.h"

namespace amb {

struct Reading {
  WiringInput input;
  Findings findings;
};

}  // namespace amb
