// SPDX-License-Identifier: Apache-2.0
//
// The server's side of SCRAM-SHA-256, with a real proof: it knows the password, and finds out whether the
// client does.
#pragma once

#include <string>
#include <utility>

#include "tls/digest.h"
#include "tls/pbkdf2.h"
#include "unit/health/postgres_words.h"
#include "unit/health/scripted_server.h"

namespace amb::test {

class ScramServer {
 public:
  explicit ScramServer(std::string_view password) : salted_(salt(password)) {}

  /// Of the client's first message, with the mechanism's name and the length before it.
  std::string challenge(const std::string& first) {
    client_first_bare_ = first.substr(first.find("n=,"));
    server_first_ = "r=" + client_first_bare_.substr(client_first_bare_.find("r=") + 2) +
                    "AndMore,s=" + base64_encode(kSalt) + ",i=" + std::to_string(kIterations);
    return server_first_;
  }

  bool accepts(const std::string& client_final) {
    const auto proof_at = client_final.rfind(",p=");
    auth_message_ = client_first_bare_ + "," + server_first_ + "," + client_final.substr(0, proof_at);
    std::string key = base64_decode(client_final.substr(proof_at + 3)).value_or("");
    const std::string stored = sha256(hmac_sha256(salted_, "Client Key"));
    const std::string signature = hmac_sha256(stored, auth_message_);
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(key[i] ^ signature.at(i));
    return sha256(key) == stored;
  }

  std::string signature() const {
    return "v=" + base64_encode(hmac_sha256(hmac_sha256(salted_, "Server Key"), auth_message_));
  }

 private:
  static constexpr std::string_view kSalt = "0123456789abcdef";
  static constexpr std::uint32_t kIterations = 16;

  static std::string salt(std::string_view password) {
    Pbkdf2 work(std::string(password), kSalt, kIterations);
    work.advance(kIterations);
    return work.key();
  }

  std::string salted_, client_first_bare_, server_first_, auth_message_;
};

/// One message of the client's, without its type and length.
inline awaitable<std::string> hear_message(Line& line) {
  const std::string head = co_await line.read(5);
  std::size_t size = 0;
  for (const char c : head.substr(1)) size = size * 256 + static_cast<unsigned char>(c);
  co_return co_await line.read(size < 4 ? 0 : size - 4);
}

/// From the demand to the server's proof, or to the refusal of a client that does not know the password.
inline awaitable<bool> play_scram(Line& line, std::string password) {
  using namespace std::string_literals;
  ScramServer server(password);
  co_await line.say(pg('R', pg_demand(10, "SCRAM-SHA-256\0\0"s)));
  const std::string first = co_await hear_message(line);
  co_await line.say(pg('R', pg_demand(11, server.challenge(first))));
  const bool is_right = server.accepts(co_await hear_message(line));
  // Not in one expression: GCC 12 destroys what a ?: makes in an awaited one twice.
  std::string end = pg('E', pg_error("28P01", "password authentication failed for user \"joe\""));
  if (is_right) end = pg('R', pg_demand(12, server.signature()));
  co_await line.say(end);
  co_return is_right;
}

}  // namespace amb::test
