// SPDX-License-Identifier: Apache-2.0
//
// Asks a web server for one page. The status line of its answer alone decides, whatever comes behind it.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "health/conversation.h"
#include "health/verdict.h"
#include "net/address.h"
#include "wiring/wiring.h"

namespace amb {

/// `endpoint` becomes the Host field unless the options name another one.
boost::asio::awaitable<Verdict> check_http(Conversation& talk, const SocketAddress& endpoint,
                                           const HealthOptions& options);

}  // namespace amb
