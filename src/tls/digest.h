// SPDX-License-Identifier: Apache-2.0
//
// Digests and what stands on them, by OpenSSL's libcrypto: what a client needs to log in with a password.
// Bytes are std::string; nothing here keeps state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amb {

/// 32 lower-case hexadecimal digits. For PostgreSQL's old password method alone: MD5 is broken.
std::string md5_hex(std::string_view data);

std::string sha256(std::string_view data);                                ///< 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);  ///< 32 bytes, RFC 2104.

std::string random_bytes(std::size_t count);  ///< Fit for keys and nonces.

/// RFC 4648 with padding. Decoding is strict: nothing for other characters, lengths or bits left over.
std::string base64_encode(std::string_view data);
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace amb
