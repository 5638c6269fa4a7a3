// SPDX-License-Identifier: Apache-2.0
//
// MySQL and MariaDB: does the server greet, and does it decide on a login?
//
// Reading the greeting and leaving would be enough to see that, and would do harm: a server counts
// connections that end before their login, and shuts the whole host out, consumers too, after
// max_connect_errors (100) of them in a row. A login that is refused is not counted. So there is always one,
// without a password: of the user that the options name, or else of "ambassador", who need not exist.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "health/conversation.h"
#include "health/verdict.h"
#include "wiring/wiring.h"

namespace amb {

/// Logged in or told that this user may not: well. Too many connections, a host that is shut out, a server
/// that stops: not well.
boost::asio::awaitable<Verdict> check_mysql(Conversation& talk, const HealthOptions& options);

}  // namespace amb
