// SPDX-License-Identifier: Apache-2.0
//
// The first record of a TLS client, written by hand: what a real one says in clear, and what none would.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace amb::test {

inline std::string big_endian(std::size_t value, int width) {
  std::string text;
  for (int i = width - 1; i >= 0; --i) text += static_cast<char>((value >> (8 * i)) & 0xff);
  return text;
}

/// `body` behind its length.
inline std::string counted(std::string_view body, int width) {
  return big_endian(body.size(), width) + std::string(body);
}

struct ClientHello {
  std::string server_name;             ///< None when it is empty.
  std::vector<std::string> protocols;  ///< None when it is empty.
  std::size_t padding = 0;             ///< Bytes of an extension before the others: a large key share.

  std::string extensions() const {
    std::string text = big_endian(51, 2) + counted(std::string(padding, 'k'), 2);
    if (!server_name.empty())
      text += big_endian(0, 2) + counted(counted(big_endian(0, 1) + counted(server_name, 2), 2), 2);
    std::string list;
    for (const std::string& protocol : protocols) list += counted(protocol, 1);
    if (!protocols.empty()) text += big_endian(16, 2) + counted(counted(list, 2), 2);
    return text;
  }

  std::string record() const {
    const std::string session_id = counted(std::string(32, 's'), 1), suites = counted("\x13\x01\x13\x02", 2);
    const std::string compression = counted(std::string(1, '\0'), 1);
    const std::string message = big_endian(0x0303, 2) + std::string(32, 'r') + session_id + suites +
                                compression + counted(extensions(), 2);
    return "\x16\x03\x01" + counted("\x01" + counted(message, 3), 2);
  }
};

}  // namespace amb::test
