// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_hello.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace amb {

namespace {

constexpr std::size_t kRecordHead = 5;

/// Numbers and pieces from the front, big-endian. What is not there is 0, and empty.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool is_empty() const { return bytes_.empty(); }
  std::size_t number(std::size_t width) {
    std::size_t value = 0;
    for (const std::byte byte : take(width)) value = value * 256 + std::to_integer<std::size_t>(byte);
    return value;
  }
  /// As many as are there.
  std::span<const std::byte> take(std::size_t count) {
    const auto taken = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }
  /// What a length of `width` bytes stands before.
  Reader part(std::size_t width) { return Reader(take(number(width))); }
  std::string_view text(std::size_t most) const {
    return {reinterpret_cast<const char*>(bytes_.data()), std::min(bytes_.size(), most)};
  }

 private:
  std::span<const std::byte> bytes_;
};

void read_server_name(Reader extension, TlsHello& into) {
  constexpr std::size_t kHostName = 0;
  Reader names = extension.part(2);
  while (!names.is_empty()) {
    const std::size_t type = names.number(1);
    const Reader name = names.part(2);
    if (type == kHostName) {
      into.server_name = name.text(TlsHello::kMostServerName);
      return;
    }
  }
}

void read_protocols(Reader extension, TlsHello& into) {
  Reader names = extension.part(2);
  while (!names.is_empty()) {
    const std::string_view name = names.part(1).text(TlsHello::kMostProtocols);
    const std::size_t comma = into.protocols.empty() ? 0 : 1;
    if (name.empty() || into.protocols.size() + comma + name.size() > TlsHello::kMostProtocols) return;
    if (comma != 0) into.protocols += ',';
    into.protocols += name;
  }
}

}  // namespace

std::size_t tls_record_size(std::span<const std::byte> bytes) {
  if (bytes.size() < kRecordHead) return 0;
  return kRecordHead + Reader(bytes.subspan(3)).number(2);
}

/// The message of RFC 8446, 4.1.2, of which only the extensions matter.
TlsHello read_tls_hello(std::span<const std::byte> bytes) {
  constexpr std::size_t kServerName = 0, kAlpn = 16;
  constexpr std::size_t kMessageHead = 4, kVersionAndRandom = 2 + 32;
  TlsHello hello;
  Reader message(bytes.first(std::min(bytes.size(), tls_record_size(bytes))));
  (void)message.take(kRecordHead + kMessageHead + kVersionAndRandom);
  (void)message.part(1);  // session id
  (void)message.part(2);  // cipher suites
  (void)message.part(1);  // compression methods
  Reader extensions = message.part(2);
  while (!extensions.is_empty()) {
    const std::size_t type = extensions.number(2);
    const Reader extension = extensions.part(2);
    if (type == kServerName && hello.server_name.empty()) read_server_name(extension, hello);
    if (type == kAlpn && hello.protocols.empty()) read_protocols(extension, hello);
  }
  return hello;
}

}  // namespace amb
