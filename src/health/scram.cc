// SPDX-License-Identifier: Apache-2.0
#include "health/scram.h"

#include <optional>
#include <utility>

#include "base/text.h"
#include "tls/digest.h"

namespace amb {

namespace {

/// "=2C" and "=3D" stand for what would end a name.
std::string escape_name(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    if (c == ',') {
      escaped += "=2C";
    } else if (c == '=') {
      escaped += "=3D";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

/// The value of "X=value" at its fixed place among the attributes.
std::optional<std::string_view> attribute(const std::vector<std::string_view>& all, std::size_t place,
                                          char name) {
  if (place >= all.size() || !all[place].starts_with(name) || all[place].substr(1, 1) != "=")
    return std::nullopt;
  return all[place].substr(2);
}

std::string exclusive_or(std::string a, std::string_view b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

}  // namespace

ScramClient::ScramClient(std::string_view user, std::string nonce)
    : nonce_(std::move(nonce)), first_bare_("n=" + escape_name(user) + ",r=" + nonce_) {}

std::expected<ScramSalt, std::string> ScramClient::challenge(std::string_view server_first) {
  const auto attributes = split(server_first.substr(0, kMostChallengeBytes), ',');
  const auto nonce = attribute(attributes, 0, 'r');
  const auto salt_text = attribute(attributes, 1, 's');
  const auto iterations_text = attribute(attributes, 2, 'i');
  const auto salt = salt_text ? base64_decode(*salt_text) : std::nullopt;
  const std::uint32_t iterations =
      iterations_text ? parse_number<std::uint32_t>(*iterations_text).value_or(0) : 0;
  const bool is_whole = server_first.size() <= kMostChallengeBytes;
  if (!is_whole || !nonce || !salt || salt->empty() || iterations == 0) {
    return std::unexpected("its SCRAM challenge is malformed");
  }
  if (!nonce->starts_with(nonce_) || nonce->size() == nonce_.size()) {
    return std::unexpected("its SCRAM challenge is not an answer to ours");
  }
  if (iterations > kMostIterations) {
    return std::unexpected("it wants " + std::to_string(iterations) + " SCRAM iterations, more than " +
                           std::to_string(kMostIterations));
  }
  server_first_ = server_first;
  server_nonce_ = *nonce;
  return ScramSalt{*salt, iterations};
}

std::string ScramClient::final(std::string_view key) {
  const std::string without_proof = "c=biws,r=" + server_nonce_;  // "biws" is "n,,"
  const std::string auth_message = first_bare_ + "," + server_first_ + "," + without_proof;
  const std::string client_key = hmac_sha256(key, "Client Key");
  const std::string signature = hmac_sha256(sha256(client_key), auth_message);
  server_signature_ = base64_encode(hmac_sha256(hmac_sha256(key, "Server Key"), auth_message));
  return without_proof + ",p=" + base64_encode(exclusive_or(client_key, signature));
}

std::expected<void, std::string> ScramClient::verify(std::string_view server_final) const {
  const auto attributes = split(server_final, ',');
  if (const auto error = attribute(attributes, 0, 'e')) {
    return std::unexpected("SCRAM ends with the error " + std::string(*error));
  }
  const auto signature = attribute(attributes, 0, 'v');
  if (server_signature_.empty() || signature != server_signature_) {
    return std::unexpected("it has not proven that it knows the password");
  }
  return {};
}

}  // namespace amb
