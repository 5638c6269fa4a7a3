// SPDX-License-Identifier: Apache-2.0
//
// A network of one's own: no other interface than loopback, every port free. Needs root, else the test is
// skipped.
#pragma once

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "base/unique_fd.h"
#include "unit/support/child.h"

namespace amb::test {

inline bool bring_loopback_up() {
  const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  if (::ioctl(fd.borrow(), SIOCGIFFLAGS, &request) != 0) return false;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  return ::ioctl(fd.borrow(), SIOCSIFFLAGS, &request) == 0;
}

/// Runs `body` in a child that has network and mounts for itself.
template <class Body>
void in_network_namespace(Body body) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may make a network namespace";
  in_child([&] {
    ASSERT_EQ(::unshare(CLONE_NEWNET | CLONE_NEWNS), 0) << "this kernel or container forbids namespaces";
    ASSERT_TRUE(bring_loopback_up());
    body();
  });
}

}  // namespace amb::test
