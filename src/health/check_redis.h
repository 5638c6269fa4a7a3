// SPDX-License-Identifier: Apache-2.0
//
// Redis, and what speaks its protocol: is it there (PING), and is it the primary (ROLE)? With a user or a
// password both log in first (AUTH), and a login that fails is not well.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "health/conversation.h"
#include "health/verdict.h"
#include "wiring/wiring.h"

namespace amb {

/// PONG is well, and so is a demand for a login: it answers. Loading its data, a replica without its primary,
/// a script that blocks it, too many clients: not well.
boost::asio::awaitable<Verdict> check_redis(Conversation& talk, const HealthOptions& options);

/// ROLE must say master. PING goes first and must be answered by PONG, for a primary that is still loading
/// says master too. The user needs +ping and +role.
boost::asio::awaitable<Verdict> check_redis_primary(Conversation& talk, const HealthOptions& options);

}  // namespace amb
