// SPDX-License-Identifier: Apache-2.0
#include "support/silent_provider.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstdio>
#include <fstream>

namespace amb::test {

namespace {

constexpr int kFillers = 3;

SocketAddress local_address_of(int fd) {
  sockaddr_storage local{};
  socklen_t size = sizeof local;
  (void)::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size);
  return SocketAddress::from_kernel(reinterpret_cast<sockaddr*>(&local), size);
}

}  // namespace

SilentProvider::SilentProvider() {
  const SocketAddress any = *SocketAddress::from_ip("127.0.0.1", 0);
  listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(listener_.borrow(), any.raw(), any.raw_size()), 0);
  EXPECT_EQ(::listen(listener_.borrow(), 0), 0);
  address_ = local_address_of(listener_.borrow());
  for (int i = 0; i < kFillers; ++i) {
    fillers_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)::connect(fillers_.back().borrow(), address_.raw(), address_.raw_size());
  }
}

/// Sockets in SYN_SENT to our port, by /proc/net/tcp.
int SilentProvider::waiting() const {
  char port[8];
  (void)std::snprintf(port, sizeof port, ":%04X", address_.port());
  std::ifstream table("/proc/net/tcp");
  int count = 0;
  for (std::string line; std::getline(table, line);) {
    // "  12: 0100007F:D431 0100007F:1F90 02 ..."
    const auto remote = line.find(port, line.find(':', line.find(':') + 1) + 1);
    if (remote != std::string::npos && line.substr(remote + 5, 4) == " 02 ") ++count;
  }
  return count;
}

bool SilentProvider::has_been_asked() const {
  // Of the fillers the backlog has taken one; the others wait like everybody.
  return waiting() > kFillers - 1;
}

}  // namespace amb::test
