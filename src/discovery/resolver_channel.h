// SPDX-License-Identifier: Apache-2.0
//
// A c-ares channel whose sockets and time-outs are waited for by Asio: what every question to the resolver
// stands on. Nothing blocks. A question is a class derived from this one, made with make_shared: it keeps
// itself alive through the handlers that it has pending, and dies with the last of them.
//
// Every question has a channel of its own, so that one sees today's resolv.conf and each ends with its
// sockets. c-ares reads no file: which servers there are is said by ResolvConf.
//
// A datagram that is no whole answer (dns_datagram.h) is dropped before c-ares sees it, which would take some
// of those for "no such record".
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <span>

#include "discovery/resolv_conf.h"

struct ares_channeldata;
struct ares_socket_functions;
struct sockaddr;

namespace amb {

class ResolverChannel : public std::enable_shared_from_this<ResolverChannel> {
 public:
  ResolverChannel(const ResolverChannel&) = delete;
  ResolverChannel& operator=(const ResolverChannel&) = delete;

 protected:
  explicit ResolverChannel(boost::asio::io_context& io) : io_(io), timer_(io) {}

  virtual ~ResolverChannel();

  /// For the derived class's destructor. c-ares calls back from in here whatever is still under way, with any
  /// status: a callback asks is_closed() before all else.
  void close();
  bool is_closed() const { return channel_ == nullptr; }

  int open(ResolvConf conf);                              ///< A status of c-ares; once, before all others.
  ares_channeldata* channel() const { return channel_; }  ///< To ask with. Borrowed.
  void wait();  ///< After each question: until its callback has been called.

  /// The end: no callback comes after this. `tell` is called once, later, when no call of c-ares is on the
  /// stack.
  void finish(std::move_only_function<void()> tell);

  const ResolvConf& conf() const { return conf_; }
  std::chrono::seconds cap_ttl(std::chrono::seconds ttl) const;

 private:
  struct Socket;

  int use_servers();
  int open_socket(int family, int type);
  int connect_socket(int fd, const sockaddr* address, unsigned size) const;
  static std::ptrdiff_t receive(int fd, std::span<unsigned char> bytes, sockaddr* from, unsigned* from_size);
  static const ares_socket_functions& socket_functions();
  void on_socket_state(int fd, bool readable, bool writable);
  void wait_for(int fd, const std::shared_ptr<Socket>& socket);
  auto handler(int fd, const std::weak_ptr<Socket>& weak, bool Socket::* waiting);

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  ResolvConf conf_;
  std::size_t open_sockets_ = 0;
  ares_channeldata* channel_ = nullptr;
  std::map<int, std::shared_ptr<Socket>> sockets_;
  bool is_finished_ = false;
};

}  // namespace amb
