// SPDX-License-Identifier: Apache-2.0
#include "health/check_mysql.h"

#include <string>

#include "health/mysql_packets.h"

namespace amb {

namespace {

constexpr std::string_view kNobody = "ambassador";
constexpr int kMostRounds = 5;

std::uint8_t after(const MysqlPacket& packet) { return static_cast<std::uint8_t>(packet.sequence + 1); }

Verdict judge_error(const MysqlPacket& packet) {
  const MysqlError error = parse_mysql_error(packet.payload);
  const std::string why = "it answers: " + error.text();
  return error.is_about_login() ? well(why) : not_well(why);
}

/// The server may change the method, and talk about it, before it decides.
boost::asio::awaitable<Verdict> log_in(Conversation& talk) {
  for (int round = 0; round < kMostRounds; ++round) {
    const auto packet = co_await read_mysql_packet(talk);
    if (!packet) co_return talk.failure();
    switch (packet->kind()) {
      case kMysqlOk:
        co_await talk.send(mysql_quit());
        co_return well("it takes sessions");
      case kMysqlError:
        co_return judge_error(*packet);
      case kMysqlSwitch:
        co_await talk.send(mysql_no_password(after(*packet), mysql_switched_method(packet->payload)));
        break;
      case kMysqlMoreData:
        break;
      default:
        co_return not_well("its answer to a login is not MySQL's protocol");
    }
  }
  co_return not_well("it comes to no decision about a login");
}

}  // namespace

boost::asio::awaitable<Verdict> check_mysql(Conversation& talk, const HealthOptions& options) {
  const auto greeting = co_await read_mysql_packet(talk);
  if (!greeting) co_return talk.failure();
  if (greeting->kind() == kMysqlError) {
    co_return not_well("it answers: " + parse_mysql_error(greeting->payload).text());
  }
  if (const auto version = parse_mysql_greeting(greeting->payload); !version)
    co_return not_well(version.error());
  const std::string user = options.user.empty() ? std::string(kNobody) : options.user;
  co_await talk.send(mysql_login(after(*greeting), user));
  co_return co_await log_in(talk);
}

}  // namespace amb
