// SPDX-License-Identifier: Apache-2.0
//
// For protocols without a check of their own: waits for a banner, if there is one to wait for, says some
// bytes, if there are any to say, and waits until the bytes that are expected occur in what comes after that.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "health/conversation.h"
#include "health/verdict.h"
#include "wiring/wiring.h"

namespace amb {

boost::asio::awaitable<Verdict> check_send_expect(Conversation& talk, const HealthOptions& options);

}  // namespace amb
