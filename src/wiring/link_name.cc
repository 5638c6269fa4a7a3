// SPDX-License-Identifier: Apache-2.0
#include "wiring/link_name.h"

#include <array>

#include "base/text.h"

namespace amb {

namespace {

constexpr std::string_view kPort = "_PORT_";
constexpr std::array<Protocol, 3> kProtocols = {Protocol::tcp, Protocol::udp, Protocol::sctp};

}  // namespace

std::string_view to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
      return "TCP";
    case Protocol::udp:
      return "UDP";
    case Protocol::sctp:
      return "SCTP";
  }
  return "";
}

std::optional<LinkName> parse_link_name(std::string_view name) {
  const std::string upper = to_upper(name);
  for (const Protocol protocol : kProtocols) {
    const std::string ending = "_" + std::string(to_string(protocol));
    if (!upper.ends_with(ending)) continue;
    const auto body = std::string_view(upper).substr(0, upper.size() - ending.size());
    const auto port = body.rfind(kPort);
    if (port == std::string_view::npos) return std::nullopt;
    const auto digits = port + kPort.size();
    return LinkName{std::string(name.substr(0, port)), std::string(name.substr(digits, body.size() - digits)),
                    protocol};
  }
  return std::nullopt;
}

bool means_a_link(const LinkName& name, std::string_view value) {
  const std::string_view digits = name.digits;
  const bool number_expected =
      digits.empty() || is_digit(digits.front()) || digits.front() == '-' || digits.front() == '+';
  return number_expected || value.find("://") != std::string_view::npos;
}

}  // namespace amb
