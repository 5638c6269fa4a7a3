// SPDX-License-Identifier: Apache-2.0
#include "health/postgres_login.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "tls/digest.h"

namespace amb {

namespace {

/// The codes of 'R' messages.
enum class Demand : std::uint32_t {
  nothing = 0,
  cleartext = 3,
  md5 = 5,
  sasl = 10,
  sasl_continue = 11,
  sasl_final = 12,
};

constexpr std::string_view kMechanism = "SCRAM-SHA-256";
constexpr std::size_t kMd5SaltBytes = 4;
constexpr std::size_t kNonceBytes = 18;

PostgresLogin failed(Verdict verdict) {
  PostgresLogin login;
  login.end = PostgresLogin::End::failed;
  login.failure = std::move(verdict);
  return login;
}

PostgresLogin ended(PostgresLogin::End end) {
  PostgresLogin login;
  login.end = end;
  return login;
}

PostgresLogin refused(std::string_view body) {
  PostgresLogin login = ended(PostgresLogin::End::refused);
  login.error = parse_postgres_error(body);
  return login;
}

}  // namespace

PostgresPassword::PostgresPassword(std::string user, std::string password, ScramMemory& memory)
    : user_(std::move(user)), password_(std::move(password)), memory_(memory) {}

std::expected<std::string, std::string> PostgresPassword::answer(std::string_view demand) {
  const auto code = postgres_auth_code(demand);
  if (!code) return std::unexpected("its demand for a password is malformed");
  const std::string_view data = demand.substr(4);
  switch (Demand{*code}) {
    case Demand::nothing:
      return std::string();
    case Demand::cleartext:
      return postgres_password(password_);
    case Demand::md5:
      if (data.size() != kMd5SaltBytes) return std::unexpected("its demand for a password is malformed");
      return postgres_password("md5" + md5_hex(md5_hex(password_ + user_).append(data)));
    case Demand::sasl:
      return begin_scram(data);
    case Demand::sasl_continue:
      if (!scram_) break;
      if (auto final = scram_->final(data, memory_))
        return postgres_sasl_next(*final);
      else
        return final;
    case Demand::sasl_final:
      if (!scram_) break;
      if (const auto proven = scram_->verify(data); !proven) return std::unexpected(proven.error());
      is_proven_ = true;
      return std::string();
  }
  return std::unexpected("it wants to be logged in to in a way that is not known here (" +
                         std::to_string(*code) + ")");
}

/// The server lists what it takes, each name with a NUL behind it. It is shown no user: it has it already.
std::expected<std::string, std::string> PostgresPassword::begin_scram(std::string_view mechanisms) {
  const auto offered = split(mechanisms, '\0');
  if (std::ranges::count(offered, kMechanism) == 0) return std::unexpected("it does not offer SCRAM-SHA-256");
  scram_.emplace("", password_, base64_encode(random_bytes(kNonceBytes)));
  return postgres_sasl_first(kMechanism, scram_->first());
}

std::optional<std::string> PostgresPassword::objection() const {
  if (scram_ && !is_proven_) return "it has not proven that it knows the password";
  return std::nullopt;
}

std::string postgres_user(const HealthOptions& options) {
  return options.user.empty() ? "postgres" : options.user;
}

boost::asio::awaitable<PostgresLogin> log_in_to_postgres(Conversation& talk, const HealthOptions& options,
                                                         ScramMemory& memory) {
  const std::string user = postgres_user(options);
  PostgresPassword password(user, options.password, memory);
  co_await talk.send(postgres_startup(user, options.database));
  for (;;) {
    const auto message = co_await read_postgres_message(talk);
    if (!message) co_return failed(talk.failure());
    switch (message->type) {
      case 'R': {
        const bool is_in = postgres_auth_code(message->body) == 0U;
        if (is_in && password.objection()) co_return failed(not_well(*password.objection()));
        if (!is_in && options.password.empty()) co_return ended(PostgresLogin::End::password_wanted);
        const auto answer = password.answer(message->body);
        if (!answer) co_return failed(not_well(answer.error()));
        if (!answer->empty()) co_await talk.send(*answer);
        break;
      }
      case 'E':
        co_return refused(message->body);
      case 'Z':
        co_return ended(PostgresLogin::End::ready);
      case 'K':  // a key to cancel queries with
      case 'N':  // a notice
      case 'S':  // a parameter's value
      case 'v':  // a lower protocol version
        break;
      default:
        co_return failed(
            not_well(std::string("it answers the startup message by an unexpected ") + message->type));
    }
  }
}

}  // namespace amb
