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

PostgresPassword::PostgresPassword(std::string user, std::string password)
    : user_(std::move(user)), password_(std::move(password)) {}

std::expected<std::string, std::string> PostgresPassword::answer(std::string_view demand) {
  wanted_salt_.reset();
  const auto code = postgres_auth_code(demand);
  if (!code) return std::unexpected("its demand for a password is malformed");
  const std::string_view data = demand.substr(4);
  const bool begins =
      Demand{*code} == Demand::cleartext || Demand{*code} == Demand::md5 || Demand{*code} == Demand::sasl;
  if (begins && step_ != Step::fresh) return std::unexpected("it demands a password more than once");
  switch (Demand{*code}) {
    case Demand::nothing:
      return std::string();
    case Demand::cleartext:
      step_ = Step::said;
      return postgres_password(password_);
    case Demand::md5:
      if (data.size() != kMd5SaltBytes) return std::unexpected("its demand for a password is malformed");
      step_ = Step::said;
      return postgres_password("md5" + md5_hex(md5_hex(password_ + user_).append(data)));
    case Demand::sasl:
      return begin_scram(data);
    case Demand::sasl_continue:
      if (!scram_) break;
      return take_challenge(data);
    case Demand::sasl_final:
      if (step_ != Step::challenged) break;
      if (const auto proven = scram_->verify(data); !proven) return std::unexpected(proven.error());
      step_ = Step::proven;
      return std::string();
  }
  return std::unexpected("it wants to be logged in to in a way that is not known here (" +
                         std::to_string(*code) + ")");
}

/// The server lists what it takes, each name with a NUL behind it. It is shown no user: it has it already.
std::expected<std::string, std::string> PostgresPassword::begin_scram(std::string_view mechanisms) {
  const auto offered = split(mechanisms, '\0');
  if (std::ranges::count(offered, kMechanism) == 0) return std::unexpected("it does not offer SCRAM-SHA-256");
  step_ = Step::begun;
  scram_.emplace("", base64_encode(random_bytes(kNonceBytes)));
  return postgres_sasl_first(kMechanism, scram_->first());
}

std::expected<std::string, std::string> PostgresPassword::take_challenge(std::string_view challenge) {
  if (step_ != Step::begun) return std::unexpected("it sends more than one SCRAM challenge");
  auto salt = scram_->challenge(challenge);
  if (!salt) return std::unexpected(std::move(salt.error()));
  step_ = Step::challenged;
  wanted_salt_ = std::move(*salt);
  return std::string();
}

std::string PostgresPassword::prove(std::string_view salted_password) {
  return postgres_sasl_next(scram_->final(salted_password));
}

std::optional<std::string> PostgresPassword::objection() const {
  if (scram_ && step_ != Step::proven) return "it has not proven that it knows the password";
  return std::nullopt;
}

namespace {

/// What goes back for an 'R'; it may be empty.
boost::asio::awaitable<std::expected<std::string, Verdict>> answer_demand(const Conversation& talk,
                                                                          PostgresPassword& password,
                                                                          std::string_view demand,
                                                                          const HealthOptions& options,
                                                                          SaltedPasswords& salted) {
  auto answer = password.answer(demand);
  if (!answer) co_return std::unexpected(not_well(answer.error()));
  if (!password.wanted_salt()) co_return std::move(*answer);
  auto key = co_await salted.salt(options.password, *password.wanted_salt(), talk);
  if (!key) co_return std::unexpected(std::move(key.error()));
  co_return password.prove(*key);
}

}  // namespace

std::string postgres_user(const HealthOptions& options) {
  return options.user.empty() ? "postgres" : options.user;
}

boost::asio::awaitable<PostgresLogin> log_in_to_postgres(Conversation& talk, const HealthOptions& options,
                                                         SaltedPasswords& salted) {
  const std::string user = postgres_user(options);
  PostgresPassword password(user, options.password);
  bool is_in = false;
  co_await talk.send(postgres_startup(user, options.database));
  for (;;) {
    const auto message = co_await read_postgres_message(talk);
    if (!message) co_return failed(talk.failure());
    switch (message->type) {
      case 'R': {
        if (is_in) co_return failed(not_well("it has let us in and demands a login again"));
        is_in = postgres_auth_code(message->body) == 0U;
        if (is_in && password.objection()) co_return failed(not_well(*password.objection()));
        if (is_in) break;
        if (options.password.empty()) co_return ended(PostgresLogin::End::password_wanted);
        const auto answer = co_await answer_demand(talk, password, message->body, options, salted);
        if (!answer) co_return failed(answer.error());
        if (!answer->empty()) co_await talk.send(*answer);
        break;
      }
      case 'E':
        co_return refused(message->body);
      case 'Z':
        if (!is_in) co_return failed(not_well("it is ready for queries and has not let us in"));
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
