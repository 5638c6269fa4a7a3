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

/// PONG is well, and so is a demand for a login: it answers. Loading its data (LOADING), not taking writes
/// because it cannot save them (MISCONF), a replica without its primary (MASTERDOWN), a script that blocks it
/// (BUSY), too many clients: not well. Redis answers PING by these so that whoever watches it knows.
boost::asio::awaitable<Verdict> check_redis(Conversation& talk, const HealthOptions& options);

/// ROLE must say master. PING goes first, for a primary that is still loading, or whose disk is full, says
/// master too. A user who may not ask that (+role is enough) learns only what ROLE says.
boost::asio::awaitable<Verdict> check_redis_primary(Conversation& talk, const HealthOptions& options);

}  // namespace amb
