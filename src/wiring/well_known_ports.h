// SPDX-License-Identifier: Apache-2.0
//
// The ports behind an alias when nothing else says them: what the images of that name expose, in the order
// that Dokku's service plugins use. Only the no-variables fallback asks, and only for that one host.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace amb {

/// In any case; empty for an alias that is not in the table.
std::span<const std::uint16_t> well_known_ports(std::string_view alias);

}  // namespace amb
