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
// A UNIX path is known by its place in the file system, the folder and the name there, so that two spellings
// of one place (/var/run for /run) are the same listener, and two links that want it a problem. It is ours
// until it closes, or until the program begins to end: then it is free for a successor.
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

#include "app/socket_access.h"
#include "net/listening.h"
#include "proxy/wiring_change.h"
#include "wiring/wiring.h"

namespace amb {

class ListenerSet {
 public:
  explicit ListenerSet(unsigned workers) : workers_(workers) {}
  ListenerSet(const ListenerSet&) = delete;
  ListenerSet& operator=(const ListenerSet&) = delete;

 private:
  struct Open;
  struct Staging;

 public:
  struct Failure {
    std::size_t link;  ///< Place in the wiring that wanted it.
    SocketAddress address;
    Error error;
    const char* accepted = "an address of this host that nobody else listens on";
  };
  class Staged {
   public:
    struct One {
      std::size_t link;  ///< Place in the wiring that wants it.
      SocketAddress wanted;
      BoundListener listener;
      std::string spot;     ///< Of a path: its folder's identity and its name there.
      FileAccess made;      ///< What a path's file has by itself.
      WantedAccess access;  ///< What it was given.
    };
    std::vector<One> bound;

    Staged() = default;
    Staged(Staged&&) = default;
    Staged& operator=(Staged&&) = delete;
    ~Staged();  ///< What was not committed leaves no path behind, and no other access.

   private:
    friend class ListenerSet;
    struct Respelled {
      SocketAddress wanted;
      ListenerId id;
    };
    /// A path that we have is to have another mode, owner or group.
    struct AccessChange {
      Open* open;
      WantedAccess now;
      FileAccess before;
    };
    std::vector<Respelled> respelled_;
    std::vector<AccessChange> changes_;
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

  /// The program begins to end: its UNIX paths go, though it still takes who has got through to them.
  void give_up_paths();

  std::vector<SocketAddress> addresses() const;  ///< As bound.
  /// What was really bound for these addresses.
  std::vector<SocketAddress> bound(std::span<const SocketAddress> wanted) const;

 private:
  struct Open {
    ListenerId id = 0;
    std::size_t link = 0;
    SocketAddress bound;
    UnixPlace place;
    std::string spot;
    FileAccess made;         ///< What its file had by itself.
    WantedAccess access;     ///< What it was given.
    bool is_wanted = false;  ///< By the wiring that is being committed.
  };

  Open* find(const SocketAddress& wanted);
  Open* find_place(const SocketAddress& wanted);
  void stage_one(std::size_t link, const SocketAddress& address, Staging& staging);
  void stage_new(std::size_t link, const SocketAddress& address, Staging& staging);
  static Result<void> give(const WantedAccess& access, Open& open, Staged& staged);
  void find_loops(std::span<const Link> links, Staging& staging) const;
  PortClaim claim_for(const SocketAddress& address) const;
  Opened hand_out(std::size_t link, Staged::One& staged);
  void respell(const SocketAddress& wanted, ListenerId id);

  unsigned workers_;
  ListenerId last_id_ = 0;
  std::map<std::string, Open> open_;  ///< By the address that was wanted.
};

}  // namespace amb
