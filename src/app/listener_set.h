// SPDX-License-Identifier: Apache-2.0
//
// The addresses that we listen on, and whose they are. An address is had in steps, so that a change of the
// wiring is all or nothing:
//
//   stage()   binds what a wiring wants and we do not have; all that cannot be had is told
//   listen()  lets the kernel accept there
//   commit()  makes that the set: tells what workers open, what goes to another link, what closes
//
// What is staged and not committed is as if it had never been.
//
// On the control thread. The workers have the sockets; here are their addresses.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "net/listening.h"
#include "proxy/wiring_change.h"
#include "wiring/wiring.h"

namespace amb {

class ListenerSet {
 public:
  explicit ListenerSet(unsigned workers) : workers_(workers) {}
  ~ListenerSet();  ///< Removes the UNIX paths.
  ListenerSet(const ListenerSet&) = delete;
  ListenerSet& operator=(const ListenerSet&) = delete;

  struct Failure {
    std::size_t link;  ///< Place in the wiring that wanted it.
    SocketAddress address;
    Error error;
  };
  struct Staged {
    struct One {
      std::size_t link;  ///< Place in the wiring that wants it.
      SocketAddress wanted;
      BoundListener listener;
    };
    std::vector<One> bound;
    Staged() = default;
    Staged(Staged&&) = default;
    Staged& operator=(Staged&&) = delete;
    ~Staged();  ///< What was not committed leaves no path behind.
  };
  /// Every address that cannot be had.
  std::expected<Staged, std::vector<Failure>> stage(std::span<const Link> links);

  static std::expected<void, Failure> listen(const Staged& staged);

  /// A link that is wanted, by its number, and where.
  struct Wanted {
    std::size_t link;
    std::span<const SocketAddress> listen;
  };
  struct Opened {
    ListenerId id;
    std::size_t link;
    SocketAddress address;          ///< As bound.
    std::vector<UniqueFd> sockets;  ///< One for each worker.
  };
  struct Change {
    std::vector<Opened> opened;
    std::vector<MovedListener> moved;
    std::vector<ListenerId> closed;
  };
  /// `wanted` are the links that were staged, in their order.
  Change commit(Staged staged, std::span<const Wanted> wanted);

  std::vector<SocketAddress> addresses() const;  ///< As bound.
  /// What was really bound for these addresses.
  std::vector<SocketAddress> bound(std::span<const SocketAddress> wanted) const;

 private:
  struct Open {
    ListenerId id = 0;
    std::size_t link = 0;
    SocketAddress bound;
    bool is_wanted = false;  ///< By the wiring that is being committed.
  };

  Open* find(const SocketAddress& wanted);
  PortClaim claim_for(const SocketAddress& address) const;
  Opened hand_out(std::size_t link, const SocketAddress& wanted, BoundListener& bound);

  unsigned workers_;
  ListenerId last_id_ = 0;
  std::map<std::string, Open> open_;  ///< By the address that was wanted.
};

}  // namespace amb
