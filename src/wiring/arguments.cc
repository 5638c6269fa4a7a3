// SPDX-License-Identifier: Apache-2.0
#include "wiring/arguments.h"

#include <algorithm>

#include "base/text.h"
#include "net/embedded_address.h"
#include "wiring/host_port.h"
#include "wiring/listen_address.h"
#include "wiring/secrets.h"
#include "wiring/target_url.h"

namespace amb {

namespace {

constexpr auto kAccepted = "two words HOST PORT, or any number of NAME_PORT_<port>_TCP=tcp://host:port";

Origin argument(std::size_t index) {
  return {Origin::Kind::argument, "argument " + std::to_string(index + 1)};
}

bool is_assignment(std::string_view word) { return word.find('=') != std::string_view::npos; }

void read_host_port(const std::string& host_word, const std::string& port_word, Findings& findings,
                    std::vector<Draft>& drafts) {
  auto host = parse_host(mask_secrets(host_word));
  const auto port = parse_port(port_word);
  if (host && host->address && (host->address->is_link_local() || reaches_ipv4_link_local(*host->address))) {
    host = std::unexpected(Complaint{"link-local addresses are refused", "any other address, or a name"});
  }
  if (!host) reject(argument(0), host_word, host.error(), findings);
  if (!port) reject(argument(1), port_word, port.error(), findings);
  if (!host || !port) return;
  add_draft({.name = host->name.empty() ? "port_" + std::to_string(*port) : host->name,
             .listen = {any_address(*port)},
             .targets = {make_target(host->name, host->address, *port)},
             .options = {},
             .origins = {argument(0)}},
            host_word + " " + port_word, {}, findings, drafts);
}

void read_assignment(const Origin& origin, std::string_view word, Findings& findings,
                     std::vector<Draft>& drafts) {
  const auto equals = word.find('=');
  const auto name = parse_link_name(word.substr(0, equals));
  if (name) return read_link(origin, *name, word.substr(equals + 1), findings, drafts);
  reject(origin, word,
         {"'" + escape_text(mask_secrets(word.substr(0, equals)), 80) + "' is not the name of a link",
          kAccepted},
         findings);
}

}  // namespace

ArgumentForm read_arguments(std::span<const std::string> words, Findings& findings,
                            std::vector<Draft>& drafts) {
  if (words.empty()) return ArgumentForm::none;
  if (words.size() == 2 && std::ranges::none_of(words, is_assignment)) {
    read_host_port(words[0], words[1], findings, drafts);
    return ArgumentForm::host_port;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_assignment(words[i])) {
      read_assignment(argument(i), words[i], findings, drafts);
    } else {
      reject(argument(i), words[i],
             {"'" + escape_text(mask_secrets(words[i]), 80) + "' is not a link", kAccepted}, findings);
    }
  }
  return ArgumentForm::assignments;
}

}  // namespace amb
