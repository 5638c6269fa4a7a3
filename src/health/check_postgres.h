// SPDX-License-Identifier: Apache-2.0
//
// PostgreSQL, and what speaks its protocol: does it take sessions, and is it the primary?
#pragma once

#include <boost/asio/awaitable.hpp>

#include "health/conversation.h"
#include "health/salted_passwords.h"
#include "health/verdict.h"
#include "wiring/wiring.h"

namespace amb {

/// A demand for a password is well while none is given; with one the login must succeed. Starting up,
/// shutting down and too many clients are not well. That there is no such user or database is well only as
/// long as neither was given: then the question was ours.
boost::asio::awaitable<Verdict> check_postgres(Conversation& talk, const HealthOptions& options,
                                               SaltedPasswords& salted);

/// Logs in and asks pg_is_in_recovery(), which must be false.
boost::asio::awaitable<Verdict> check_postgres_primary(Conversation& talk, const HealthOptions& options,
                                                       SaltedPasswords& salted);

}  // namespace amb
