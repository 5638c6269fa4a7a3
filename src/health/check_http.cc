// SPDX-License-Identifier: Apache-2.0
#include "health/check_http.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>

#include "base/await.h"

namespace amb {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using ResponseParser = http::response_parser<http::string_body>;

constexpr std::uint32_t kMostHeadBytes = 16 * 1024;
constexpr std::uint64_t kMostBodyBytes = 32 * 1024;
constexpr int kMostHeads = 4;  // heads of 1xx come before the one that counts

std::string request_for(const SocketAddress& endpoint, const HealthOptions& options) {
  std::string host = options.http_host;
  if (host.empty()) host = endpoint.is_unix() ? "localhost" : endpoint.to_string();
  return "GET " + options.http_path + " HTTP/1.1\r\nHost: " + host +
         "\r\nUser-Agent: ambassador/healthcheck\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

Verdict failure_of(const Conversation& talk, const error_code& error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) {
    return talk.failure(asio::error::eof);
  }
  if (error.category() == error_code(http::error::bad_version).category()) {
    return not_well("its answer is not HTTP: " + error.message());
  }
  return talk.failure(error);
}

Verdict judge(const ResponseParser& parser, const HealthOptions& options) {
  const unsigned status = parser.get().result_int();
  const auto reason = parser.get().reason();
  std::string why = "HTTP status " + std::to_string(status);
  if (reason != http::obsolete_reason(http::status::unknown))
    why.append(" ").append(reason.data(), reason.size());
  return status >= options.status_low && status <= options.status_high ? well(why) : not_well(why);
}

}  // namespace

asio::awaitable<Verdict> check_http(Conversation& talk, const SocketAddress& endpoint,
                                    const HealthOptions& options) {
  co_await talk.send(request_for(endpoint, options));
  boost::beast::flat_buffer buffer(kMostHeadBytes);
  for (int heads = 0; heads < kMostHeads; ++heads) {
    ResponseParser parser;
    parser.header_limit(kMostHeadBytes);
    parser.body_limit(kMostBodyBytes);
    const auto [error, head_bytes] = co_await http::async_read_header(talk.socket(), buffer, parser, kAwait);
    if (error) co_return failure_of(talk, error);
    const bool is_interim =
        http::to_status_class(parser.get().result_int()) == http::status_class::informational;
    if (is_interim && parser.get().result() != http::status::switching_protocols) continue;
    const Verdict verdict = judge(parser, options);
    (void)co_await http::async_read(talk.socket(), buffer, parser, kAwait);
    co_return verdict;
  }
  co_return not_well("its answer never comes to a final status");
}

}  // namespace amb
