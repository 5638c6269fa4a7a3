// SPDX-License-Identifier: Apache-2.0
//
// A server whose every word is the test's, on the test's own io_context: what a check makes of it is then the
// same each time. A script is a coroutine that plays one connection to its end.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "base/await.h"
#include "health/verdict.h"
#include "net/address.h"
#include "unit/support/sockets.h"

namespace amb {

inline void PrintTo(const Verdict& verdict, std::ostream* out) {
  constexpr std::string_view kWords[] = {"well", "not well", "absent", "standby", "undecided"};
  *out << kWords[static_cast<std::size_t>(verdict.kind)] << ": " << verdict.why;
}

}  // namespace amb

namespace amb::test {

namespace asio = boost::asio;
using asio::awaitable;

/// The server's end of one connection.
class Line {
 public:
  using Socket = asio::generic::stream_protocol::socket;

  explicit Line(Socket socket) : socket_(std::move(socket)) {
    boost::system::error_code not_of_unix_sockets;
    socket_.set_option(asio::ip::tcp::no_delay(true), not_of_unix_sockets);
  }

  /// Fewer bytes where the other side ends first.
  awaitable<std::string> read(std::size_t size) {
    const auto missing = size - std::min(size, heard_.size());
    (void)co_await asio::async_read(socket_, asio::dynamic_buffer(heard_), asio::transfer_exactly(missing),
                                    kAwait);
    co_return take(size);
  }
  awaitable<std::string> read_until(std::string mark) {
    const auto [error, size] =
        co_await asio::async_read_until(socket_, asio::dynamic_buffer(heard_), mark, kAwait);
    co_return take(size);
  }
  /// What else comes, up to the other side's end.
  awaitable<std::string> read_to_end() {
    const auto [error, size] = co_await asio::async_read(socket_, asio::dynamic_buffer(heard_), kAwait);
    was_reset_ = error != asio::error::eof;
    co_return take(heard_.size());
  }
  bool was_reset() const { return was_reset_; }

  awaitable<void> say(std::string text) {
    (void)co_await asio::async_write(socket_, asio::buffer(text), kAwait);
  }
  /// Each byte in a segment of its own, which the other side may read before the next is there.
  awaitable<void> say_byte_by_byte(std::string text) {
    for (const char c : text) {
      const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(&c, 1), kAwait);
      if (error) co_return;
      co_await asio::post(asio::use_awaitable);
      co_await asio::post(asio::use_awaitable);
    }
  }
  awaitable<void> say(std::string text, bool is_cut) {
    if (is_cut) {
      co_await say_byte_by_byte(std::move(text));
    } else {
      co_await say(std::move(text));
    }
  }
  void reset() {
    socket_.set_option(asio::socket_base::linger(true, 0));
    socket_.close();
  }
  Socket& socket() { return socket_; }

 private:
  std::string take(std::size_t size) {
    size = std::min(size, heard_.size());
    std::string taken = heard_.substr(0, size);
    heard_.erase(0, size);
    return taken;
  }

  Socket socket_;
  std::string heard_;
  bool was_reset_ = false;
};

using Script = std::function<awaitable<void>(Line&)>;

/// Plays the script with everyone who connects, until it is destroyed; who is connected by then stays so.
class ScriptedServer {
 public:
  ScriptedServer(asio::io_context& io, Script script, const SocketAddress& on = ip("127.0.0.1"))
      : state_(
            std::make_shared<State>(io, asio::generic::stream_protocol::endpoint(on.raw(), on.raw_size()))) {
    change(std::move(script));
    asio::co_spawn(io, accept_all(state_), asio::detached);
  }
  ~ScriptedServer() { stop(); }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  SocketAddress address() const {
    const auto local = state_->acceptor.local_endpoint();
    return SocketAddress::from_kernel(static_cast<const sockaddr*>(local.data()),
                                      static_cast<socklen_t>(local.size()));
  }
  int served() const { return state_->served; }    ///< Connections so far.
  int present() const { return state_->present; }  ///< Of these, whose script has not ended.
  int most_at_once() const { return state_->most; }

  void stop() { state_->acceptor.close(); }
  void change(Script script) { state_->script = std::move(script); }

 private:
  struct State {
    State(asio::io_context& io, const asio::generic::stream_protocol::endpoint& on) : acceptor(io, on) {}
    asio::basic_socket_acceptor<asio::generic::stream_protocol> acceptor;
    Script script;
    int served = 0, present = 0, most = 0;
  };

  static awaitable<void> accept_all(std::shared_ptr<State> state) {
    for (;;) {
      auto [error, socket] = co_await state->acceptor.async_accept(kAwait);
      if (error) co_return;
      asio::co_spawn(state->acceptor.get_executor(), play(state, std::move(socket)), asio::detached);
    }
  }
  static awaitable<void> play(std::shared_ptr<State> state, Line::Socket socket) {
    ++state->served;
    state->most = std::max(state->most, ++state->present);
    const Script script = state->script;  // outlives a change
    Line line(std::move(socket));
    co_await script(line);
    --state->present;
  }

  std::shared_ptr<State> state_;
};

inline awaitable<void> silent(Line& line) { (void)co_await line.read_to_end(); }

/// Runs the io_context until `condition` holds.
template <class Condition>
void run_until(asio::io_context& io, Condition condition) {
  const auto until = std::chrono::steady_clock::now() + kDeadline;
  while (!condition()) {
    io.restart();
    if (io.run_one_until(until) == 0) {
      ADD_FAILURE() << "nothing happens any more, and it is not what was waited for";
      return;
    }
  }
}

}  // namespace amb::test
