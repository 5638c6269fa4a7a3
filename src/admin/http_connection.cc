// SPDX-License-Identifier: Apache-2.0
#include "admin/http_connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <new>
#include <utility>

#include "admin/peer_identity.h"
#include "base/await.h"
#include "base/text.h"

namespace amb {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kMostLingerBytes = 1024 * 1024;

HttpResponse response_to(const HttpFault& fault) {
  return error_response(fault.status, fault.what, fault.accepted);
}

}  // namespace

HttpConnection::HttpConnection(Socket socket, std::shared_ptr<HttpHub> hub,
                               std::shared_ptr<const HttpAccess> access, HttpClass its_class)
    : socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      hub_(std::move(hub)),
      access_(std::move(access)),
      class_(its_class),
      reader_(hub_->limits.head_bytes) {}

asio::awaitable<void> HttpConnection::serve(std::shared_ptr<HttpConnection> self) {
  bool goes_on = true;  // GCC 12 makes a wrong program of a loop that awaits in its condition
  while (goes_on && self->is_open_ && !self->hub_->is_over) {
    try {
      goes_on = co_await self->serve_one();
    } catch (const std::bad_alloc&) {  // costs who asked, and nobody else
      goes_on = false;
    }
  }
  self->close();
}

void HttpConnection::close() {
  if (!std::exchange(is_open_, false)) return;
  std::erase_if(share().connections, [this](const auto& other) { return other.get() == this; });
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
  auto& all = share().connections;
  const auto self = std::ranges::find_if(all, [this](const auto& one) { return one.get() == this; });
  if (self != all.end()) all.splice(all.end(), all, self);
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
  Asked asked;
  Refusal refused = co_await read_request(asked);
  if (!is_open_) co_return false;
  is_waiting_ = false;
  stop_clock();
  if (refused) {
    co_await answer(std::move(*refused), AfterAnswer::close);
    co_await linger();
    co_return false;
  }
  co_await respond(std::move(asked), is_kept_ ? AfterAnswer::keep : AfterAnswer::close);
  const bool goes_on = is_kept_ && is_open_;
  co_return goes_on;
}

asio::awaitable<void> HttpConnection::respond(Asked asked, AfterAnswer after) {
  HttpResponse response = co_await ask_handler(std::move(asked));
  const bool is_wanted = is_open_ && !hub_->is_over;
  if (is_wanted && response.stream && with_body_) co_return co_await stream(std::move(response));
  if (response.stream) response.stream->end();
  ++served_;
  if (is_wanted) co_await answer(std::move(response), after);
}

/// A mistake of ours in an answer, or memory that there is not, must not end the sessions that are relayed
/// meanwhile.
asio::awaitable<HttpResponse> HttpConnection::ask_handler(Asked asked) {
  std::optional<HttpHeld> question;
  HttpResponse response;
  if (asked.admission.is_heavy) {
    start_clock(hub_->limits.write_time);
    const bool has_room = co_await share().wait_while(&HttpShare::is_asking_much, shared_from_this());
    stop_clock();
    if (!has_room) co_return response;
    question.emplace(share(), &HttpShare::questions, 1);
  }
  asked.request.is_wanted = [weak = weak_from_this()] {
    const auto self = weak.lock();
    return self && self->is_open_ && !has_hung_up(self->socket_.native_handle());
  };
  try {
    response = co_await hub_->handler->respond(std::move(asked.request));
  } catch (const std::bad_alloc&) {
    response = error_response(503, "there is no memory for this now");
  } catch (const std::exception& bug) {
    response = error_response(500, "a bug: " + escape_text(bug.what()));
  }
  co_return response;
}

/// The whole request, head first: who may not ask, or asks for what is not there, is told before the body
/// comes.
asio::awaitable<HttpConnection::Refusal> HttpConnection::read_request(Asked& asked) {
  const bool is_idle = served_ > 0 && reader_.is_empty();
  start_clock(is_idle ? hub_->limits.idle_time : hub_->limits.request_time);
  if (is_idle) {
    if (!co_await receive()) co_return std::nullopt;
    start_clock(hub_->limits.request_time);
  }
  with_body_ = true;
  auto is_read = reader_.read_head();
  while (is_read && !*is_read) {
    if (!co_await receive()) co_return std::nullopt;
    is_read = reader_.read_head();
  }
  if (!is_read) co_return response_to(is_read.error());
  if (auto refused = judge_head(asked)) co_return refused;
  co_return co_await read_body(asked);
}

/// What is wanted of the head is in `asked` then, unless it is refused.
HttpConnection::Refusal HttpConnection::judge_head(Asked& asked) {
  const HttpHead& head = reader_.head();
  HttpRequest& request = asked.request;
  with_body_ = head.method != "HEAD";
  is_kept_ = head.is_kept;
  if (auto refused = refusal(*access_, head, socket_.native_handle())) return refused;
  if (has_proven(*access_, head) && !become_known())
    return error_response(503, "all connections of those who show the token are in use");
  if (!read_target(head.target, request))
    return error_response(400, "the target of the request is no path", "/v1/status");
  request.method = with_body_ ? head.method : "GET";
  if (head.count("Content-Type") == 1) request.content_type = media_type(head.value("Content-Type"));
  request.accept = head.joined("Accept");
  const auto admitted = hub_->handler->admit(request);
  if (!admitted) return admitted.error();
  asked.admission = *admitted;
  return std::nullopt;
}

/// From now on it counts among those who have shown the token. False when there are too many.
bool HttpConnection::become_known() {
  if (class_ != HttpClass::stranger) return true;
  if (!hub_->make_room(HttpClass::known)) return false;
  auto& from = share().connections;
  class_ = HttpClass::known;
  auto& to = share().connections;
  const auto self = std::ranges::find_if(from, [this](const auto& one) { return one.get() == this; });
  if (self != from.end()) to.splice(to.end(), from, self);
  return true;
}

asio::awaitable<HttpConnection::Refusal> HttpConnection::read_body(Asked& asked) {
  const bool is_announced = reader_.head().expects_continue && reader_.head().has_body();
  if (const auto fault = reader_.begin_body(asked.admission.body_bytes)) co_return response_to(*fault);
  if (is_announced && reader_.is_empty()) co_await send("HTTP/1.1 100 Continue\r\n\r\n");
  asked.body.emplace(share(), &HttpShare::bodies);
  auto is_read = reader_.read_body();
  while (is_read && !*is_read) {
    asked.body->set(reader_.body().size());
    if (share().bodies.held > share().bodies.most)
      co_return error_response(503, "too many bodies are being sent at the same time");
    if (!co_await receive()) co_return std::nullopt;
    is_read = reader_.read_body();
  }
  if (!is_read) co_return response_to(is_read.error());
  asked.request.body = reader_.take_body();
  co_return std::nullopt;
}

/// More for the reader. False when the connection is over.
asio::awaitable<bool> HttpConnection::receive() {
  if (!is_open_) co_return false;
  const auto room = reader_.room();
  const auto [error, count] =
      co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), kAwait);
  reader_.received(error ? 0 : count);
  if (error) close();
  co_return !error;
}

asio::awaitable<bool> HttpConnection::send(std::string_view head, std::string_view body) {
  if (!is_open_) co_return false;
  is_sending_ = true;
  const std::array<asio::const_buffer, 2> both = {asio::buffer(head), asio::buffer(body)};
  const auto [error, size] = co_await asio::async_write(socket_, both, kAwait);
  is_sending_ = false;
  if (error) close();
  co_return !error;
}

asio::awaitable<void> HttpConnection::answer(HttpResponse response, AfterAnswer after) {
  const HttpHeld held(share(), &HttpShare::answers, response.body.size());
  start_clock(hub_->limits.write_time);
  const std::string head = head_of(response, after);
  co_await send(head, with_body_ ? response.content() : std::string_view());
}

/// Is the last that happens on the connection.
asio::awaitable<void> HttpConnection::stream(HttpResponse response) {
  if (share().streams.is_full()) {
    response.stream->end();
    co_await answer(error_response(503, "too many follow the events already"), AfterAnswer::close);
    co_return close();
  }
  const auto hub = hub_;
  const HttpHeld following(share(), &HttpShare::streams, 1);
  HttpHeld held(share(), &HttpShare::answers);
  stream_ = response.stream;
  asio::co_spawn(socket_.get_executor(), watch_end(shared_from_this()), pass_on);
  std::string piece = head_of(response, AfterAnswer::close);
  while (!piece.empty()) {
    held.set(piece.size());
    start_clock(hub->limits.write_time);
    if (!co_await send(piece)) break;
    held.set(0);
    if (!co_await share().wait_while(&HttpShare::is_sending_much, shared_from_this())) break;
    stop_clock();
    piece = co_await stream_->next();
  }
  close();
}

/// Whoever follows events says nothing more. That its end is not missed is what this reads for.
asio::awaitable<void> HttpConnection::watch_end(std::shared_ptr<HttpConnection> self) {
  bool goes_on = true;
  while (goes_on) {
    self->reader_.forget();
    try {
      goes_on = co_await self->receive();
    } catch (const std::bad_alloc&) {
      self->close();
      goes_on = false;
    }
  }
}

/// Closing while there is something to read would be a reset, and might take the answer with it.
asio::awaitable<void> HttpConnection::linger() {
  if (!is_open_) co_return;
  start_clock(hub_->limits.linger_time);
  begin_to_wait();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  for (std::size_t read = 0; read < kMostLingerBytes; read += HttpReader::kReadBytes) {
    reader_.forget();
    if (!co_await receive()) break;
  }
}

}  // namespace amb
