// SPDX-License-Identifier: Apache-2.0
//
// Endpoints that are told apart by their port.
#pragma once

#include <cstdint>

#include "net/address.h"

namespace amb::test {

inline SocketAddress at(std::uint16_t port) { return *SocketAddress::from_ip("10.0.0.1", port); }

}  // namespace amb::test
