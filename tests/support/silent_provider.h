// SPDX-License-Identifier: Apache-2.0
//
// A far service that listens and never answers a handshake: its backlog is full, so that the kernel drops
// every further SYN.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "net/address.h"

namespace amb::test {

class SilentProvider {
 public:
  SilentProvider();

  const SocketAddress& address() const { return address_; }
  /// Somebody besides us waits for its answer.
  bool has_been_asked() const;

 private:
  int waiting() const;

  UniqueFd listener_;
  std::vector<UniqueFd> fillers_;
  SocketAddress address_;
};

}  // namespace amb::test
