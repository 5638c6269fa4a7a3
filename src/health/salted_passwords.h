// SPDX-License-Identifier: Apache-2.0
//
// From passwords to keys for SCRAM. How long that takes is the server's choice, so it is done on a thread of
// its own, shared by all checks and taken in turns: a key that wants a million iterations does not keep
// another one waiting that wants 4,096.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "base/background.h"
#include "health/conversation.h"
#include "health/scram.h"
#include "health/verdict.h"
#include "tls/pbkdf2.h"

namespace amb {

/// The thread; there is one only while keys are wanted.
class KeyDerivation {
 public:
  /// In a turn: some 10 ms. PostgreSQL's default is one turn.
  static constexpr std::uint32_t kIterationsInATurn = 4096;

  explicit KeyDerivation(boost::asio::io_context& io) : io_(io) {}

  /// The key, or the verdict where it does not come within the check's time.
  boost::asio::awaitable<std::expected<std::string, Verdict>> derive(Pbkdf2 work, const Conversation& talk);

 private:
  /// One check that wants a key.
  class User {
   public:
    explicit User(KeyDerivation& of) : of_(of) { ++of_.users_; }
    ~User() {
      if (--of_.users_ == 0) of_.background_.reset();
    }
    User(const User&) = delete;
    User& operator=(const User&) = delete;

   private:
    KeyDerivation& of_;
  };

  boost::asio::io_context& io_;
  std::size_t users_ = 0;
  std::optional<Background> background_;
};

/// Of one endpoint. Keeps its last key, which the next check can do with.
class SaltedPasswords {
 public:
  explicit SaltedPasswords(KeyDerivation& derivation) : derivation_(derivation) {}

  boost::asio::awaitable<std::expected<std::string, Verdict>> salt(std::string password, ScramSalt salt,
                                                                   const Conversation& talk);

 private:
  KeyDerivation& derivation_;
  std::string password_, key_;
  ScramSalt salt_;
};

}  // namespace amb
