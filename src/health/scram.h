// SPDX-License-Identifier: Apache-2.0
//
// The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding. Pure.
//
// The password is taken as it is: one that SASLprep (RFC 4013) would change, which only one beyond ASCII can
// be, is refused by servers that do prepare it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace amb {

/// Keeps the last salted password: working it out again for every check would cost milliseconds each time.
class ScramMemory {
 public:
  const std::string& salted(std::string_view password, std::string_view salt, std::uint32_t iterations);

 private:
  std::string password_, salt_, salted_;
  std::uint32_t iterations_ = 0;
};

class ScramClient {
 public:
  /// What a server may make us compute: some 30 ms, on the thread that also resolves names.
  static constexpr std::uint32_t kMostIterations = 100'000;

  /// `nonce` is new for every login, printable and without commas.
  ScramClient(std::string_view user, std::string password, std::string nonce);

  /// The client's first message.
  std::string first() const { return "n,," + first_bare_; }
  /// The client's final message, or why the server's first one cannot be answered.
  std::expected<std::string, std::string> final(std::string_view server_first, ScramMemory& memory);
  /// Whether the server has proven that it knows the password too, else why not.
  std::expected<void, std::string> verify(std::string_view server_final) const;

 private:
  std::string password_;
  std::string nonce_;
  std::string first_bare_;
  std::string server_signature_;  ///< As it must come, once final() has succeeded.
};

}  // namespace amb
