// SPDX-License-Identifier: Apache-2.0
#include "tls/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

#include "base/check.h"

namespace amb {

namespace {

constexpr std::size_t kSha256Bytes = 32;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// A digest fails only where libcrypto has no memory or was built without it, and both end the program.
std::string digest(const EVP_MD* method, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  AMB_CHECK(::EVP_Digest(data.data(), data.size(), out.data(), &size, method, nullptr) == 1);
  return {out.begin(), out.begin() + size};
}

}  // namespace

std::string md5_hex(std::string_view data) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : digest(::EVP_md5(), data)) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string sha256(std::string_view data) { return digest(::EVP_sha256(), data); }

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::array<unsigned char, kSha256Bytes> out;
  unsigned size = 0;
  AMB_CHECK(::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(message),
                   message.size(), out.data(), &size) != nullptr);
  return {out.begin(), out.end()};
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  AMB_CHECK(::RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1);
  return bytes;
}

std::string base64_encode(std::string_view data) {
  std::string text((data.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends it with a NUL
  const int size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(data),
                                     static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// EVP_DecodeBlock takes spaces and does not say how much of the last group is padding, so this is by hand.
std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::string data;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    data += static_cast<char>(static_cast<unsigned char>(bits >> count));
    bits &= (1U << count) - 1;
  }
  if (bits != 0) return std::nullopt;
  return data;
}

}  // namespace amb
