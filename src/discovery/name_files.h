// SPDX-License-Identifier: Apache-2.0
//
// The hosts file and resolv.conf as they are now. Each is read anew only when it is another one than before;
// one that cannot be read any more leaves what it said last.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "discovery/resolv_conf.h"
#include "net/address.h"

namespace amb {

/// The addresses of names, port 0.
class HostsTable {
 public:
  explicit HostsTable(std::string_view text = {});

  /// None where the file does not have the name, in any case of its letters.
  const std::vector<SocketAddress>& find(std::string_view name) const;

 private:
  std::unordered_map<std::string, std::vector<SocketAddress>> addresses_;
};

class NameFiles {
 public:
  NameFiles() : NameFiles("/etc/hosts", "/etc/resolv.conf") {}
  NameFiles(std::string hosts, std::string resolv_conf);

  const HostsTable& hosts();
  /// With what the variables LOCALDOMAIN and RES_OPTIONS say.
  const ResolvConf& resolv_conf();
  /// The same for one look-up: `rotate` begins with another server each time.
  ResolvConf next_resolv_conf();

 private:
  struct File {
    std::string path;
    std::string stamp = {};  ///< Of what was read last; empty where it may change without that being seen.
    std::optional<std::string> read_again();  ///< Nothing where it is the same as before, or cannot be read.
  };

  File hosts_file_, resolv_conf_file_;
  HostsTable hosts_;
  ResolvConf resolv_conf_;
  std::size_t look_ups_ = 0;
};

}  // namespace amb
