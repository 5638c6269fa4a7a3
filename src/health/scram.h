// SPDX-License-Identifier: Apache-2.0
//
// The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding. Pure: the slow part, from
// the password to the key, is left to salted_passwords.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace amb {

/// What a server wants a password to be salted with.
struct ScramSalt {
  std::string salt;
  std::uint32_t iterations = 0;

  bool operator==(const ScramSalt&) const = default;
};

class ScramClient {
 public:
  /// What a server may make us compute. PostgreSQL's default is 4,096; the advice of the day is 600,000.
  static constexpr std::uint32_t kMostIterations = 1'000'000;
  /// PostgreSQL's challenges have about 80 bytes.
  static constexpr std::size_t kMostChallengeBytes = 4096;

  /// `nonce` is new for every login, printable and without commas.
  ScramClient(std::string_view user, std::string nonce);

  /// The client's first message.
  std::string first() const { return "n,," + first_bare_; }
  /// What the server's first message asks for, or why it cannot be answered.
  std::expected<ScramSalt, std::string> challenge(std::string_view server_first);
  /// The client's final message, once there was a challenge; `key` is the password salted as it wants.
  std::string final(std::string_view key);
  /// Whether the server has proven that it knows the password too, else why not.
  std::expected<void, std::string> verify(std::string_view server_final) const;

 private:
  std::string nonce_;
  std::string first_bare_;
  std::string server_first_, server_nonce_;  ///< Of the challenge.
  std::string server_signature_;             ///< As it must come, once final() was called.
};

}  // namespace amb
