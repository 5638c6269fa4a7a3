// SPDX-License-Identifier: Apache-2.0
//
// What a MySQL server says, for scripts.
#pragma once

#include <cstdint>
#include <string>

namespace amb::test {

inline std::string my(std::uint8_t sequence, const std::string& payload) {
  std::string packet;
  for (const std::size_t shift : {0U, 8U, 16U}) packet += static_cast<char>((payload.size() >> shift) & 255);
  return packet + static_cast<char>(sequence) + payload;
}

/// Protocol 10, as MySQL 8 greets.
inline std::string my_greeting(const std::string& version = "8.0.36") {
  using namespace std::string_literals;
  return my(0, "\x0a"s + version + "\0\x0b\0\0\0"s + "saltsalt\0"s + "\xff\xff\x21\x02\0\xff\xdf\x15"s +
                   std::string(10, '\0') + "moresaltmore\0caching_sha2_password\0"s);
}

inline std::string my_error(std::uint8_t sequence, unsigned code, const std::string& text) {
  std::string payload = "\xff";
  payload += static_cast<char>(code & 255);
  payload += static_cast<char>(code >> 8);
  return my(sequence, payload + text);
}

}  // namespace amb::test
