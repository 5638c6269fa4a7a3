// SPDX-License-Identifier: Apache-2.0
//
// What this process uses, of /proc/self and getrusage(2).
#pragma once

#include "admin/metrics.h"

namespace amb {

/// Without /proc what only that tells is left out; start_s is 0, which whoever started it knows.
ProcessMetrics measure_process();

}  // namespace amb
