// SPDX-License-Identifier: Apache-2.0
//
// PBKDF2 with HMAC-SHA-256 (RFC 8018): the slow way from a password to a key, a few iterations at a time, so
// that whoever does it can stop in between. OpenSSL's own goes through to the end, however long that takes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace amb {

/// A value: what has been done so far can be copied and moved, to another thread too.
class Pbkdf2 {
 public:
  /// `iterations` is at least 1.
  Pbkdf2(std::string password, std::string_view salt, std::uint32_t iterations);

  /// Does `most` iterations more, or fewer where fewer are left. Each costs two blocks of SHA-256.
  void advance(std::uint32_t most);
  std::uint32_t left() const { return left_; }

  /// 32 bytes, once none is left.
  const std::string& key() const { return sum_; }

 private:
  std::string password_;
  std::string last_;  ///< What the last iteration gave.
  std::string sum_;   ///< All of them, by exclusive or.
  std::uint32_t left_;
};

}  // namespace amb
