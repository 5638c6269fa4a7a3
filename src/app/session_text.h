// SPDX-License-Identifier: Apache-2.0
//
// What `ambassador sessions` and `ambassador why` print.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>

#include "app/terminal.h"

namespace amb {

/// Two lines for each session: numbers, then who and where.
std::string sessions_text(const boost::json::value& list, const Screen& screen);

/// `now_ms` is the time since 1970, UTC.
std::string why_text(const boost::json::value& why, const Screen& screen, std::int64_t now_ms);

}  // namespace amb
