// SPDX-License-Identifier: Apache-2.0
#include "health/check_postgres.h"

#include <optional>
#include <string>

#include "health/postgres_login.h"
#include "health/postgres_messages.h"

namespace amb {

namespace {

namespace asio = boost::asio;
using End = PostgresLogin::End;

// Named in full, for a search path may lead to a function of somebody else's.
constexpr std::string_view kQuestion = "SELECT pg_catalog.pg_is_in_recovery()";

Verdict judge_refusal(const PostgresError& error, const HealthOptions& options) {
  const bool asked_for_nothing = options.user.empty() && options.database.empty() && options.password.empty();
  if (asked_for_nothing && !error.is_servers_own() && !error.sqlstate.empty()) {
    return well("it answers: " + error.text());
  }
  return not_well("it answers: " + error.text());
}

/// The answer up to ReadyForQuery, so that nothing is left unread when the session ends.
asio::awaitable<Verdict> ask_for_recovery(Conversation& talk) {
  co_await talk.send(postgres_query(kQuestion));
  std::optional<std::string> in_recovery;
  for (;;) {
    const auto message = co_await read_postgres_message(talk);
    if (!message) co_return talk.failure();
    if (message->type == 'E') {
      co_return not_well("pg_is_in_recovery() is answered by: " + parse_postgres_error(message->body).text());
    }
    if (message->type == 'D') in_recovery = postgres_first_column(message->body);
    if (message->type == 'Z') break;
  }
  co_await talk.send(postgres_terminate());
  if (in_recovery == "f") co_return well("it is the primary");
  if (in_recovery == "t") co_return standby("it is in recovery");
  co_return not_well("its answer to pg_is_in_recovery() is not understood");
}

}  // namespace

asio::awaitable<Verdict> check_postgres(Conversation& talk, const HealthOptions& options,
                                        SaltedPasswords& salted) {
  const PostgresLogin login = co_await log_in_to_postgres(talk, options, salted);
  switch (login.end) {
    case End::ready:
      co_await talk.send(postgres_terminate());
      co_return well("it takes sessions");
    case End::password_wanted:
      co_return well("it asks for a password");
    case End::refused:
      co_return judge_refusal(login.error, options);
    case End::failed:
      break;
  }
  co_return login.failure;
}

asio::awaitable<Verdict> check_postgres_primary(Conversation& talk, const HealthOptions& options,
                                                SaltedPasswords& salted) {
  const PostgresLogin login = co_await log_in_to_postgres(talk, options, salted);
  switch (login.end) {
    case End::ready:
      co_return co_await ask_for_recovery(talk);
    case End::password_wanted:
      co_return not_well("it asks " + postgres_user(options) + " for a password, and none is given");
    case End::refused:
      co_return not_well("it answers: " + login.error.text());
    case End::failed:
      break;
  }
  co_return login.failure;
}

}  // namespace amb
