// SPDX-License-Identifier: Apache-2.0
#include "app/otlp_post.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>

#include "admin/otlp_json.h"
#include "app/version.h"
#include "base/await.h"
#include "base/text.h"
#include "discovery/name_lookup.h"
#include "health/conversation.h"

namespace amb {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::chrono::milliseconds kTimeout{10000};  // from connect to answer
constexpr std::uint32_t kMostHeadBytes = 16 * 1024;
constexpr std::uint64_t kMostBodyBytes = 32 * 1024;
constexpr std::chrono::seconds kLongestAsked{300};

std::string request_of(const TraceSettings& settings, const std::string& body) {
  std::string request = "POST " + settings.path + " HTTP/1.1\r\nHost: " + settings.authority +
                        "\r\nUser-Agent: ambassador/" + kVersion +
                        "\r\nContent-Type: application/json\r\nConnection: close\r\n";
  for (const auto& [name, value] : settings.headers) request += name + ": " + value + "\r\n";
  return request + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The answer comes by a callback; the timer is what this waits on.
asio::awaitable<NameAnswer> look_up(asio::io_context& io, std::string name) {
  struct Waiting {
    asio::steady_timer done;
    NameAnswer answer;
    NameFiles files;
  };
  const auto waiting = std::make_shared<Waiting>(asio::steady_timer(io), NameAnswer{}, NameFiles{});
  waiting->done.expires_at(std::chrono::steady_clock::time_point::max());
  look_up_name(io, waiting->files, {.name = std::move(name), .known = {}}, [waiting](NameAnswer answer) {
    waiting->answer = std::move(answer);
    waiting->done.cancel();
  });
  (void)co_await waiting->done.async_wait(kAwait);
  co_return std::move(waiting->answer);
}

asio::awaitable<ExportOutcome> read_answer(Conversation& talk) {
  boost::beast::flat_buffer buffer(kMostHeadBytes);
  http::response_parser<http::string_body> parser;
  parser.header_limit(kMostHeadBytes);
  parser.body_limit(kMostBodyBytes);
  const auto [head_error, head_bytes] =
      co_await http::async_read_header(talk.socket(), buffer, parser, kAwait);
  if (head_error) co_return ExportOutcome{.error = talk.failure(head_error).why, .pause = {}};
  const auto [error, bytes] = co_await http::async_read(talk.socket(), buffer, parser, kAwait);
  const auto retry_after = parser.get()[http::field::retry_after];
  const std::string& body = parser.get().body();
  co_return judge_export(parser.get().result_int(), {retry_after.data(), retry_after.size()},
                         error ? std::string_view() : std::string_view(body));
}

}  // namespace

ExportOutcome judge_export(unsigned status, std::string_view retry_after, std::string_view body) {
  using Kind = ExportOutcome::Kind;
  if (status >= 200 && status < 300) {
    const auto partial = read_partial_success(body);
    return {.kind = Kind::taken,
            .error = partial ? partial->message : std::string(),
            .rejected = partial ? partial->rejected : 0,
            .pause = {}};
  }
  constexpr std::array<unsigned, 4> kAgain = {429, 502, 503, 504};
  const bool is_retryable = std::ranges::count(kAgain, status) != 0;
  ExportOutcome outcome{.kind = is_retryable ? Kind::again : Kind::refused,
                        .error = "HTTP status " + std::to_string(status),
                        .pause = {}};
  // Seconds; a date, which is allowed too, is left to our own pause.
  if (const auto seconds = parse_number<std::uint32_t>(trim(retry_after)); is_retryable && seconds)
    outcome.pause = std::min(std::chrono::seconds(*seconds), kLongestAsked);
  return outcome;
}

asio::awaitable<ExportOutcome> post_spans(asio::io_context& io, const TraceSettings& settings,
                                          const std::string& body) {
  ExportOutcome outcome;
  std::vector<SocketAddress> addresses;
  if (settings.host.address) {
    addresses.push_back(*settings.host.address);
  } else {
    NameAnswer answer = co_await look_up(io, settings.host.name);
    addresses = std::move(answer.records);
    outcome.error = settings.host.name + ": " + answer.error;
  }
  const std::string request = request_of(settings, body);
  for (const SocketAddress& address : addresses) {
    const auto talk = std::make_shared<Conversation>(io, kTimeout);
    const auto failure = co_await talk->connect(address.with_port(settings.port));
    if (failure) {
      outcome.error = failure->why;
      continue;
    }
    co_await talk->send(request);
    outcome = co_await read_answer(*talk);
    talk->close();
    co_return outcome;
  }
  co_return outcome;
}

}  // namespace amb
