// SPDX-License-Identifier: Apache-2.0
#include "health/check_redis.h"

#include <optional>
#include <string>
#include <utility>

#include "health/resp.h"

namespace amb {

namespace {

namespace asio = boost::asio;

// Made outside of coroutines: GCC 12 cannot compile initializer lists in what is awaited.
std::string ping_command() { return resp_command({"PING"}); }
std::string role_command() { return resp_command({"ROLE"}); }
std::string auth_command(const HealthOptions& options) {
  if (options.user.empty()) return resp_command({"AUTH", options.password});
  return resp_command({"AUTH", options.user, options.password});
}

asio::awaitable<std::optional<RespReply>> call(Conversation& talk, std::string command) {
  co_await talk.send(std::move(command));
  co_return co_await read_resp_reply(talk);
}

/// Nothing when logged in, or when there is nothing to log in with.
asio::awaitable<std::optional<Verdict>> log_in(Conversation& talk, const HealthOptions& options) {
  if (options.user.empty() && options.password.empty()) co_return std::nullopt;
  const auto reply = co_await call(talk, auth_command(options));
  if (!reply) co_return talk.failure();
  if (reply->is_error()) co_return not_well("AUTH is answered by: " + std::string(reply->text()));
  co_return std::nullopt;
}

bool begins_with_word(std::string_view text, std::string_view word) {
  return text.starts_with(word) && (text.size() == word.size() || text[word.size()] == ' ');
}

bool is_pong(const RespReply& reply) { return !reply.is_error() && reply.text() == "PONG"; }

Verdict judge_ping(const RespReply& pong) {
  const std::string text(pong.text());
  if (is_pong(pong)) return well("PONG");
  // It answers, and whoever may use it knows how to log in.
  const bool wants_login = begins_with_word(text, "NOAUTH") || begins_with_word(text, "NOPERM");
  if (pong.is_error() && wants_login) return well("it answers: " + text);
  return not_well("PING is answered by: " + text);
}

Verdict judge_role(const RespReply& role) {
  if (role.is_error()) return not_well("ROLE is answered by: " + std::string(role.text()));
  if (role.type != '*' || role.texts.empty()) return not_well("its answer to ROLE is not understood");
  if (role.text() == "master") return well("it is the primary");
  if (role.text() == "slave" && role.texts.size() >= 3) {
    return standby("it is a replica of " + role.texts[1] + ":" + role.texts[2]);
  }
  return not_well("it is no primary but a " + std::string(role.text()));
}

}  // namespace

asio::awaitable<Verdict> check_redis(Conversation& talk, const HealthOptions& options) {
  if (const auto refused = co_await log_in(talk, options)) co_return *refused;
  const auto pong = co_await call(talk, ping_command());
  if (!pong) co_return talk.failure();
  co_return judge_ping(*pong);
}

asio::awaitable<Verdict> check_redis_primary(Conversation& talk, const HealthOptions& options) {
  if (const auto refused = co_await log_in(talk, options)) co_return *refused;
  const auto pong = co_await call(talk, ping_command());
  if (!pong) co_return talk.failure();
  const bool may_not_ask = pong->is_error() && begins_with_word(pong->text(), "NOPERM");
  if (!is_pong(*pong) && !may_not_ask)
    co_return not_well("PING is answered by: " + std::string(pong->text()));
  const auto role = co_await call(talk, role_command());
  if (!role) co_return talk.failure();
  co_return judge_role(*role);
}

}  // namespace amb
