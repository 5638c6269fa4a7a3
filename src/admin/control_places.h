// SPDX-License-Identifier: Apache-2.0
//
// Where the control socket can be. The program takes the first place that it can have, its commands search in
// the same order: a file system that is read-only, a user without a home and a second program on the same
// host all have a place.
#pragma once

#include <string>
#include <vector>

#include "net/address.h"

namespace amb {

/// What the search depends on.
struct ControlSearch {
  std::string setting;  ///< AMBASSADOR_CONTROL or --control: a path, or "none". Empty: the usual places.
  std::string runtime_folder;  ///< XDG_RUNTIME_DIR, if there is one.
  std::string run_folder = "/run";
  std::string tmp_folder = "/tmp";
  unsigned uid = 0;

  bool is_off() const { return setting == "none"; }
};

/// For this process.
ControlSearch control_search(std::string setting);

/// Places of one kind, in the order in which they are tried.
struct ControlSpot {
  enum class Kind {
    told,      ///< The one that the setting names.
    folder,    ///< A folder of ours, with a name for each of several programs.
    abstract,  ///< Names without a file. Everybody in the network namespace can see them; peer_identity.h.
  };
  Kind kind = Kind::folder;
  std::string folder;  ///< Of `folder`: made if it is not there.
  std::vector<SocketAddress> addresses;
};

/// Empty when it is off. A path that is too long for a socket is left out.
std::vector<ControlSpot> control_spots(const ControlSearch& search);

/// "/run/ambassador/control.sock, … and @ambassador-control-0", for people.
std::string describe(const std::vector<ControlSpot>& spots);

}  // namespace amb
