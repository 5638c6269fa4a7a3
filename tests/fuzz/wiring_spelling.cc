// SPDX-License-Identifier: Apache-2.0
#include "fuzz/wiring_spelling.h"

#include <utility>

#include "fuzz/harmless.h"
#include "wiring/options.h"

namespace amb::test {

namespace {

std::string spelled(const SocketAddress& address) {
  return address.is_unix() ? "unix://" + address.path() : "tcp://" + address.to_string();
}

/// What the option holds, where the report shows it escaped or not at all.
std::string text_of(const Option& option, const LinkOptions& options) {
  const HealthOptions& health = options.health;
  if (option.name == "health_user") return health.user;
  if (option.name == "health_password") return health.password;
  if (option.name == "health_database") return health.database;
  if (option.name == "health_banner") return health.banner;
  if (option.name == "health_send") return health.send;
  if (option.name == "health_expect") return health.expect;
  return option.show(options);
}

/// Everything but letters and digits as %XX.
std::string encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      result += c;
    } else {
      result += {'%', kHex[byte >> 4], kHex[byte & 0xf]};
    }
  }
  return result;
}

/// A basic string of TOML.
std::string quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      result += std::string("\\u00") + kHex[byte >> 4] + kHex[byte & 0xf];
    } else {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result + "\"";
}

/// The options that are not as they are by default, for only those must be written.
template <class Write>
void for_each_option(const Link& link, Write write) {
  for (const auto& option : option_table()) {
    const std::string text = text_of(option, link.options);
    if (!text.empty() && option.show(link.options) != option.initial) write(option.name, text);
  }
}

}  // namespace

std::string value_of(const Link& link) {
  std::string value;
  for (const auto& target : link.targets) value += (value.empty() ? "" : ",") + target.text;
  char separator = '?';
  const auto add = [&](std::string_view name, std::string_view text) {
    value += std::exchange(separator, '&') + std::string(name) + "=" + encoded(text);
  };
  for_each_option(link, add);
  for (const auto& listen : link.listen) add("listen", spelled(listen));
  return value;
}

std::string file_of(const Link& link) {
  std::string listen;
  std::string upstream;
  std::string options;
  std::string query;  // for bytes that no TOML string can hold
  for (const auto& address : link.listen) listen += quoted(spelled(address)) + ", ";
  for_each_option(link, [&](std::string_view name, const std::string& text) {
    if (is_utf8(text)) {
      options += std::string(name) + " = " + quoted(text) + "\n";
    } else {
      query += (query.empty() ? "?" : "&") + std::string(name) + "=" + encoded(text);
    }
  });
  for (const auto& target : link.targets) upstream += quoted(target.text + std::exchange(query, {})) + ", ";
  return "[links.x]\nlisten = [" + listen + "]\nupstream = [" + upstream + "]\n" + options;
}

}  // namespace amb::test
