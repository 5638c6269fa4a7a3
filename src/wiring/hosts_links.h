// SPDX-License-Identifier: Apache-2.0
//
// The last source, for engines that set no link variables any more (Docker 29): what --link left in the hosts
// file. Such an entry has a name and an address but no port; ports come from AMBASSADOR_PORTS or a table.
#pragma once

#include <vector>

#include "wiring/draft.h"
#include "wiring/hosts_file.h"
#include "wiring/port_list.h"

namespace amb {

/// Appends a candidate per entry, with its reason where it is passed over, drafts for those whose ports are
/// known, and a note for every port that was taken from the table.
void read_hosts_links(const WiringInput& input, const std::vector<HostsEntry>& entries, const PortList& ports,
                      Findings& findings, std::vector<Draft>& drafts);

}  // namespace amb
