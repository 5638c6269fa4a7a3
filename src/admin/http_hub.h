// SPDX-License-Identifier: Apache-2.0
//
// What the connections of a server share, by who asks: the owner at the control socket, those over TCP that
// have shown the token, and everybody else. Each class has connections, streams and memory of its own.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <list>
#include <memory>

#include "admin/http_limits.h"
#include "admin/http_message.h"

namespace amb {

class HttpConnection;

enum class HttpClass { owner, known, stranger };

/// What one class has.
struct HttpShare {
  struct Account {
    std::size_t held = 0, most = 0;
    bool is_full() const { return held >= most; }
  };

  explicit HttpShare(const boost::asio::any_io_executor& executor);

  /// More than so many questions, or bytes of answers, are not under way: who comes later waits. False when
  /// that was in vain, because `who` is closed.
  boost::asio::awaitable<bool> wait_while(bool (HttpShare::*is_full)() const,
                                          std::shared_ptr<HttpConnection> who);
  bool is_sending_much() const { return answers.is_full(); }
  bool is_asking_much() const { return questions.is_full() || answers.is_full(); }
  /// Something has become less.
  void tell_one() { changed.cancel_one(); }

  std::size_t most_connections = 0;
  /// Of those that wait for their request the longest first.
  std::list<std::shared_ptr<HttpConnection>> connections;
  Account streams, questions;  ///< How many there are.
  Account bodies, answers;     ///< Their bytes.
  boost::asio::steady_timer changed;
};

/// Stands on a share's account for as long as it lives.
class HttpHeld {
 public:
  using Account = HttpShare::Account HttpShare::*;

  HttpHeld(HttpShare& share, Account account, std::size_t count = 0);
  HttpHeld(HttpHeld&& other) noexcept;
  ~HttpHeld() { set(0); }
  HttpHeld(const HttpHeld&) = delete;
  HttpHeld& operator=(const HttpHeld&) = delete;

  void set(std::size_t count);

 private:
  HttpShare& share_;
  Account account_;
  std::size_t count_ = 0;
};

/// It outlives the server for as long as a last handler looks at it.
struct HttpHub {
  HttpHub(const boost::asio::any_io_executor& executor, std::shared_ptr<HttpHandler> its_handler,
          const HttpLimits& its_limits);

  HttpShare& share(HttpClass of) { return shares[static_cast<std::size_t>(of)]; }
  std::size_t connections() const;
  /// For one more of that class, if need be in the place of one that waits for its request; a stranger's
  /// place can always be taken. False when all of the class are being answered.
  bool make_room(HttpClass in);

  std::shared_ptr<HttpHandler> handler;
  HttpLimits limits;
  std::array<HttpShare, 3> shares;
  bool is_over = false;  ///< From here on nothing is asked of the handler.
};

}  // namespace amb
