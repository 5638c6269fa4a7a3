// SPDX-License-Identifier: Apache-2.0
//
// A name server that says what a test wants said, be it nonsense. For answers that a real one gives there is
// name_server.h.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "unit/discovery/dns_message.h"
#include "unit/discovery/name_server.h"

namespace amb::test {

/// On port 53 of `host`, over UDP and TCP.
class ScriptedServer {
 public:
  /// The messages that answer a question: none is silence. Called on the server's thread.
  using Script = std::function<std::vector<std::string>(const Question&)>;

  explicit ScriptedServer(Script script, const char* host = "127.0.0.1") : script_(std::move(script)) {
    const SocketAddress address = ip(host, 53);
    for (const auto& [fd, type] : {std::pair(&udp_, SOCK_DGRAM), std::pair(&tcp_, SOCK_STREAM)}) {
      *fd = UniqueFd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
      EXPECT_EQ(::bind(fd->borrow(), address.raw(), address.raw_size()), 0);
    }
    EXPECT_EQ(::listen(tcp_.borrow(), 8), 0);
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedServer() {
    EXPECT_EQ(::eventfd_write(stop_.borrow(), 1), 0);
    thread_.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  void says(Script script) {
    const std::lock_guard lock(mutex_);
    script_ = std::move(script);
  }
  std::size_t questions_of(unsigned type) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count(asked_, type, &Question::type));
  }
  std::vector<Question> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  struct Connection {
    UniqueFd fd;
    std::string received;
  };

  void run() {
    for (;;) {
      std::vector<pollfd> polled;
      for (const UniqueFd* fd : {&stop_, &udp_, &tcp_}) polled.push_back({fd->borrow(), POLLIN, 0});
      for (const Connection& one : connections_) polled.push_back({one.fd.borrow(), POLLIN, 0});
      (void)::poll(polled.data(), polled.size(), -1);
      if (polled[0].revents != 0) return;
      if (polled[1].revents != 0) answer_datagram();
      std::size_t i = 3;
      std::erase_if(connections_, [&](Connection& one) { return polled[i++].revents != 0 && !serve(one); });
      if (polled[2].revents != 0)
        connections_.push_back({UniqueFd(::accept4(tcp_.borrow(), nullptr, nullptr, SOCK_CLOEXEC)), {}});
    }
  }

  void answer_datagram() {
    std::array<char, 4096> bytes;
    sockaddr_storage sender{};
    socklen_t size = sizeof sender;
    auto* from = reinterpret_cast<sockaddr*>(&sender);
    const ssize_t count = ::recvfrom(udp_.borrow(), bytes.data(), bytes.size(), 0, from, &size);
    if (count < 12) return;
    for (const std::string& reply : reply_to({bytes.data(), static_cast<std::size_t>(count)}, false))
      (void)::sendto(udp_.borrow(), reply.data(), reply.size(), 0, from, size);
  }

  /// False when the connection has ended.
  bool serve(Connection& one) {
    std::array<char, 4096> bytes;
    const ssize_t count = ::recv(one.fd.borrow(), bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    one.received.append(bytes.data(), static_cast<std::size_t>(count));
    while (one.received.size() >= 2) {
      const std::size_t size =
          static_cast<unsigned char>(one.received[0]) * 256U + static_cast<unsigned char>(one.received[1]);
      if (one.received.size() < size + 2) break;
      for (const std::string& reply : reply_to(one.received.substr(2, size), true)) {
        const std::string message = number16(static_cast<unsigned>(reply.size())) + reply;
        (void)::send(one.fd.borrow(), message.data(), message.size(), MSG_NOSIGNAL);
      }
      one.received.erase(0, size + 2);
    }
    return true;
  }

  std::vector<std::string> reply_to(std::string_view message, bool is_tcp) {
    const Question question = Question::read(message, is_tcp);
    const std::lock_guard lock(mutex_);
    asked_.push_back(question);
    return script_(question);
  }

  mutable std::mutex mutex_;
  Script script_;
  std::vector<Question> asked_;
  UniqueFd udp_, tcp_;
  UniqueFd stop_{::eventfd(0, EFD_CLOEXEC)};
  std::list<Connection> connections_;
  std::thread thread_;
};

/// Runs body(server, files) where names are asked of nobody but a server with this script.
template <class Body>
void with_scripted_server(ScriptedServer::Script script, Body body) {
  in_network_namespace([&] {
    const ResolverFiles files;
    ScriptedServer server(std::move(script));
    body(server, files);
  });
}

}  // namespace amb::test
