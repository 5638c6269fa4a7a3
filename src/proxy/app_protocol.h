// SPDX-License-Identifier: Apache-2.0
//
// What a session's first bytes say that it speaks. A guess, good enough for a label: nothing is decided by
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace amb {

enum class AppProtocol : std::uint8_t {
  none,   ///< No byte was seen, or none may be looked at.
  other,  ///< None of those below.
  http,   ///< HTTP/1.
  http2,  ///< In clear, with prior knowledge (RFC 9113, 3.3).
  mysql,
  postgres,
  redis,
  tls,  ///< Whatever is inside.
};
inline constexpr std::size_t kAppProtocols = 8;

/// "none", "other", "http", …
std::string_view to_string(AppProtocol protocol);

/// What the bytes of the side that speaks first are, as far as they have come: nothing while more could tell
/// (`none`). Looks at no more than the first kTellingBytes.
AppProtocol recognise_request(std::span<const std::byte> bytes);   ///< The consumer's.
AppProtocol recognise_greeting(std::span<const std::byte> bytes);  ///< The provider's.
inline constexpr std::size_t kTellingBytes = 24;

/// Of postgres: asks whether the server speaks TLS, and begins it when it does.
bool is_postgres_tls_request(std::span<const std::byte> bytes);

}  // namespace amb
