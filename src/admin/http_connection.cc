// SPDX-License-Identifier: Apache-2.0
#include "admin/http_connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <exception>
#include <new>
#include <utility>

#include "base/await.h"
#include "base/text.h"

namespace amb {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 4096;
constexpr std::uint64_t kMostBodyBytes = 8 * 1024 * 1024;  // until it is known what the body is for
constexpr std::size_t kMostLingerBytes = 1024 * 1024;

HttpResponse malformed(const error_code& error, const HttpLimits& limits) {
  if (error == http::error::header_limit) {
    return error_response(431, "the head of the request is too long",
                          "at most " + std::to_string(limits.head_bytes) + " bytes");
  }
  if (error == http::error::body_limit) return error_response(413, "the body of the request is too long");
  return error_response(400, "this is no HTTP/1.1 request: " + escape_text(error.message()));
}

bool is_head_done(const http::request_parser<http::string_body>& parser) { return parser.is_header_done(); }
bool is_all_done(const http::request_parser<http::string_body>& parser) { return parser.is_done(); }

}  // namespace

HttpConnection::HttpConnection(Socket socket, std::shared_ptr<HttpHub> hub,
                               std::shared_ptr<const HttpAccess> access)
    : socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      hub_(std::move(hub)),
      access_(std::move(access)) {}

asio::awaitable<void> HttpConnection::serve(std::shared_ptr<HttpConnection> self) {
  bool goes_on = true;  // GCC 12 makes a wrong program of a loop that awaits in its condition
  while (goes_on && self->is_open_ && !self->hub_->is_over) goes_on = co_await self->serve_one();
  self->close();
}

void HttpConnection::close() {
  if (!std::exchange(is_open_, false)) return;
  std::erase_if(hub_->connections, [this](const auto& other) { return other.get() == this; });
  deadline_.cancel();
  if (stream_) stream_->end();
  error_code ignored;
  socket_.close(ignored);
}

void HttpConnection::finish() {
  if (stream_ && !is_sending_ && is_open_) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    const std::string rest = stream_->rest();
    if (!rest.empty()) (void)socket_.write_some(asio::buffer(rest), ignored);
  }
  close();
}

void HttpConnection::begin_to_wait() {
  is_waiting_ = true;
  const auto self =
      std::ranges::find_if(hub_->connections, [this](const auto& one) { return one.get() == this; });
  if (self != hub_->connections.end())
    hub_->connections.splice(hub_->connections.end(), hub_->connections, self);
}

void HttpConnection::start_clock(std::chrono::milliseconds time) {
  deadline_.expires_after(time);
  is_timed_ = true;
  deadline_.async_wait([weak = weak_from_this()](const error_code& error) {
    const auto self = weak.lock();
    if (error || !self || !self->is_timed_) return;
    // It may have been started again after it had run out and before this was called.
    if (self->deadline_.expiry() <= asio::steady_timer::clock_type::now()) self->close();
  });
}

void HttpConnection::stop_clock() {
  is_timed_ = false;
  deadline_.cancel();
}

/// Reads one request and answers it. Whether another one may follow.
asio::awaitable<bool> HttpConnection::serve_one() {
  begin_to_wait();
  HttpRequest request;
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(hub_->limits.head_bytes));
  parser.body_limit(kMostBodyBytes);
  std::optional<HttpResponse> refused = co_await read_head(parser, request);
  if (!is_open_) co_return false;
  is_waiting_ = false;
  stop_clock();
  const bool with_body = parser.get().method() != http::verb::head;
  if (refused) {
    co_await answer(std::move(*refused), with_body, AfterAnswer::close);
    co_await linger();
    co_return false;
  }
  request.body = std::move(parser.get().body());
  const auto after = parser.keep_alive() ? AfterAnswer::keep : AfterAnswer::close;
  co_await respond(std::move(request), with_body, after);
  const bool is_kept = after == AfterAnswer::keep;
  co_return is_kept&& is_open_;
}

asio::awaitable<void> HttpConnection::respond(HttpRequest request, bool with_body, AfterAnswer after) {
  HttpResponse response = co_await ask_handler(std::move(request));
  const bool is_wanted = is_open_ && !hub_->is_over;
  if (is_wanted && response.stream && with_body) co_return co_await stream(std::move(response));
  if (response.stream) response.stream->end();
  ++served_;
  if (is_wanted) co_await answer(std::move(response), with_body, after);
}

/// A mistake of ours in an answer must not end the sessions that are relayed meanwhile.
asio::awaitable<HttpResponse> HttpConnection::ask_handler(HttpRequest request) {
  HttpResponse response;
  try {
    response = co_await hub_->handler->respond(std::move(request));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& bug) {
    response = error_response(500, "a bug: " + escape_text(bug.what()));
  }
  co_return response;
}

/// The whole request, head first: who may not ask, or asks for what is not there, is told before the body
/// comes.
asio::awaitable<std::optional<HttpResponse>> HttpConnection::read_head(Parser& parser, HttpRequest& request) {
  const bool is_idle = served_ > 0 && received_.empty();
  start_clock(is_idle ? hub_->limits.idle_time : hub_->limits.request_time);
  if (is_idle) {
    if (!co_await receive()) co_return std::nullopt;
    start_clock(hub_->limits.request_time);
  }
  if (auto refused = co_await read_on(parser, is_head_done); refused || !is_open_) co_return refused;
  const auto& head = parser.get();
  if (auto refused = refusal(*access_, head, socket_.native_handle())) co_return refused;
  const auto target = head.target();
  if (!read_target({target.data(), target.size()}, request))
    co_return error_response(400, "the target of the request is no path", "/v1/status");
  const auto method =
      head.method() == http::verb::head ? http::to_string(http::verb::get) : head.method_string();
  request.method.assign(method.data(), method.size());
  const auto type = head[http::field::content_type];
  request.content_type = media_type({type.data(), type.size()});
  const auto accept = head[http::field::accept];
  request.accept = {accept.data(), accept.size()};
  const auto most = hub_->handler->admit(request);
  if (!most) co_return most.error();
  co_return co_await read_body(parser, *most);
}

asio::awaitable<std::optional<HttpResponse>> HttpConnection::read_body(Parser& parser, std::size_t most) {
  if (parser.is_done()) co_return std::nullopt;
  if (parser.content_length().value_or(0) > most) {
    co_return error_response(413, "the body of the request is too long",
                             "at most " + std::to_string(most) + " bytes");
  }
  parser.body_limit(most);
  parser.eager(true);
  const auto expects = parser.get()[http::field::expect];
  if (received_.empty() && equals_ignoring_case({expects.data(), expects.size()}, "100-continue"))
    co_await send("HTTP/1.1 100 Continue\r\n\r\n");
  co_return co_await read_on(parser, is_all_done);
}

/// Nothing when enough has been read, or the connection is closed; else why it is refused.
asio::awaitable<std::optional<HttpResponse>> HttpConnection::read_on(Parser& parser,
                                                                     bool (*is_enough)(const Parser&)) {
  while (is_open_ && !is_enough(parser)) {
    error_code error;
    if (!received_.empty())
      received_.erase(0, parser.put(asio::const_buffer(received_.data(), received_.size()), error));
    if (error && error != http::error::need_more) co_return malformed(error, hub_->limits);
    if (is_enough(parser) || (!error && !received_.empty())) continue;
    if (!co_await receive()) break;
  }
  co_return std::nullopt;
}

/// More in received_. False when the connection is over.
asio::awaitable<bool> HttpConnection::receive() {
  const std::size_t before = received_.size();
  received_.resize(before + kReadBytes);
  const auto [error, count] =
      co_await socket_.async_read_some(asio::buffer(received_.data() + before, kReadBytes), kAwait);
  received_.resize(before + count);
  if (error) close();
  co_return !error;
}

asio::awaitable<bool> HttpConnection::send(std::string bytes) {
  if (!is_open_) co_return false;
  is_sending_ = true;
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), kAwait);
  is_sending_ = false;
  if (error) close();
  co_return !error;
}

asio::awaitable<void> HttpConnection::answer(HttpResponse response, bool with_body, AfterAnswer after) {
  start_clock(hub_->limits.write_time);
  std::string bytes = head_of(response, after);
  if (with_body) bytes += response.body;
  co_await send(std::move(bytes));
}

/// Is the last that happens on the connection.
asio::awaitable<void> HttpConnection::stream(HttpResponse response) {
  if (hub_->streams >= hub_->limits.streams) {
    response.stream->end();
    co_await answer(error_response(503, "too many follow the events already"), true, AfterAnswer::close);
    co_return close();
  }
  const auto hub = hub_;
  ++hub->streams;
  stream_ = response.stream;
  asio::co_spawn(socket_.get_executor(), watch_end(shared_from_this()), pass_on);
  std::string piece = head_of(response, AfterAnswer::close);
  while (!piece.empty()) {
    start_clock(hub->limits.write_time);
    if (!co_await send(std::move(piece))) break;
    stop_clock();
    piece = co_await stream_->next();
  }
  --hub->streams;
  close();
}

/// Whoever follows events says nothing more. That its end is not missed is what this reads for.
asio::awaitable<void> HttpConnection::watch_end(std::shared_ptr<HttpConnection> self) {
  bool goes_on = true;
  while (goes_on) {
    self->received_.clear();
    goes_on = co_await self->receive();
  }
}

/// Closing while there is something to read would be a reset, and might take the answer with it.
asio::awaitable<void> HttpConnection::linger() {
  if (!is_open_) co_return;
  start_clock(hub_->limits.linger_time);
  begin_to_wait();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  for (std::size_t read = 0; read < kMostLingerBytes && is_open_; read += received_.size()) {
    received_.clear();
    if (!co_await receive()) break;
  }
}

}  // namespace amb
