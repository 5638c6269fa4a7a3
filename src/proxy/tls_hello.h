// SPDX-License-Identifier: Apache-2.0
//
// What a TLS client says in clear before anything is encrypted: the name of the server that it wants (RFC
// 6066, 3) and the protocols that it offers inside (RFC 7301). Foreign text, as it was sent.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace amb {

struct TlsHello {
  std::string server_name;  ///< At most kMostServerName bytes; empty when it says none.
  std::string protocols;    ///< "h2,http/1.1", at most kMostProtocols bytes, the first ones.

  static constexpr std::size_t kMostServerName = 255;
  static constexpr std::size_t kMostProtocols = 64;
  bool is_empty() const { return server_name.empty() && protocols.empty(); }
};

/// How many bytes the first record has, its head of five included; 0 while fewer than those five are there.
std::size_t tls_record_size(std::span<const std::byte> bytes);

/// Of the ClientHello that `bytes` begin with, whole or not; what does not parse ends it.
TlsHello read_tls_hello(std::span<const std::byte> bytes);

}  // namespace amb
