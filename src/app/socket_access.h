// SPDX-License-Identifier: Apache-2.0
//
// What mode=, owner= and group= of a link mean on this host: names become numbers. The program is static and
// has no name service: what is not in /etc/passwd or /etc/group has to be given as a number.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "net/unix_place.h"
#include "wiring/wiring.h"

namespace amb {

/// Nothing where nothing was said.
struct WantedAccess {
  std::optional<mode_t> mode;
  std::optional<uid_t> owner;
  std::optional<gid_t> group;

  /// What a file that has `otherwise` by itself shall have.
  FileAccess on(const FileAccess& otherwise) const {
    return {mode.value_or(otherwise.mode), owner.value_or(otherwise.owner), group.value_or(otherwise.group)};
  }
  bool operator==(const WantedAccess&) const = default;
};

struct AccountFiles {
  std::string users = "/etc/passwd";
  std::string groups = "/etc/group";
};

/// Reads the files only where there is a name to look up.
Result<WantedAccess> wanted_access(const SocketFile& file, const AccountFiles& files = {});

}  // namespace amb
