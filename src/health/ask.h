// SPDX-License-Identifier: Apache-2.0
//
// One check from connecting to verdict: the kind that the options name, at the endpoint or at the port that
// they name instead.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "health/conversation.h"
#include "health/salted_passwords.h"
#include "health/verdict.h"
#include "net/address.h"
#include "wiring/wiring.h"

namespace amb {

/// `talk` is new. All that is passed must live until the verdict is there.
boost::asio::awaitable<Verdict> ask(Conversation& talk, const SocketAddress& endpoint,
                                    const HealthOptions& options, SaltedPasswords& salted);

}  // namespace amb
