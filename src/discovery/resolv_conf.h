// SPDX-License-Identifier: Apache-2.0
//
// The text of /etc/resolv.conf as settings (resolv.conf(5)), read as glibc reads it: what is malformed is
// passed over and spoils nothing else. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"

namespace amb {

/// Whether a name may be short for one in a domain of the search list.
enum class SearchList { used, ignored };

struct ResolvConf {
  std::vector<SocketAddress> servers;  ///< Port 53, three at most; this host where none is given.
  std::vector<std::string> search;     ///< Domains that can be appended, without dots at their ends.
  std::size_t ndots = 1;
  std::chrono::milliseconds timeout{1000};  ///< For one server's answer.
  int attempts = 2;                         ///< Of each server.
  bool rotates = false;                     ///< Each look-up begins with another server.
  bool uses_tcp = false;                    ///< From the first question on.

  /// Lines of a file, from first to last.
  void read(std::string_view text);
  /// "ndots:5 rotate": the words of an options line, and of the variable RES_OPTIONS.
  void read_options(std::string_view words);
  /// "zone.test other.test": of a search line, and of the variable LOCALDOMAIN.
  void read_search(std::string_view domains);
};

/// The names to ask for, in this order: as it stands first where the name has `ndots` dots, else last; alone
/// where it ends in a dot.
std::vector<std::string> names_to_ask(const std::string& name, const ResolvConf& conf,
                                      SearchList search_list);

}  // namespace amb
