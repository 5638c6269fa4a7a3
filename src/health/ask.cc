// SPDX-License-Identifier: Apache-2.0
#include "health/ask.h"

#include "health/check_http.h"
#include "health/check_mysql.h"
#include "health/check_postgres.h"
#include "health/check_redis.h"
#include "health/check_send_expect.h"

namespace amb {

boost::asio::awaitable<Verdict> ask(Conversation& talk, const SocketAddress& endpoint,
                                    const HealthOptions& options, SaltedPasswords& salted) {
  const SocketAddress place = options.port == 0 ? endpoint : endpoint.with_port(options.port);
  if (const auto failure = co_await talk.connect(place)) {
    // A UNIX socket says at once what TCP would wait out. Somebody listens there, and sessions wait for room.
    const bool is_tcp = options.kind == HealthOptions::Kind::tcp;
    co_return is_tcp&& talk.met_full_backlog() ? well("it listens, and its backlog is full") : *failure;
  }
  switch (options.kind) {
    case HealthOptions::Kind::none:
    case HealthOptions::Kind::tcp:
      // Closed at once, by a FIN: a reset would be a line in many a server's log. Waiting for what a server
      // says first, so that it is read, is for send_expect.
      break;
    case HealthOptions::Kind::http:
      co_return co_await check_http(talk, place, options);
    case HealthOptions::Kind::redis:
      co_return co_await check_redis(talk, options);
    case HealthOptions::Kind::redis_primary:
      co_return co_await check_redis_primary(talk, options);
    case HealthOptions::Kind::postgres:
      co_return co_await check_postgres(talk, options, salted);
    case HealthOptions::Kind::postgres_primary:
      co_return co_await check_postgres_primary(talk, options, salted);
    case HealthOptions::Kind::mysql:
      co_return co_await check_mysql(talk, options);
    case HealthOptions::Kind::send_expect:
      co_return co_await check_send_expect(talk, options);
  }
  co_return well("it accepts connections");
}

}  // namespace amb
