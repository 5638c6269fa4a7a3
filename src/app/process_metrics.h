// SPDX-License-Identifier: Apache-2.0
//
// What this process uses, of /proc/self and getrusage(2).
#pragma once

#include "admin/metrics.h"

namespace amb {

/// What cannot be read is 0, and so is start_s, which whoever started it knows.
ProcessMetrics measure_process();

}  // namespace amb
