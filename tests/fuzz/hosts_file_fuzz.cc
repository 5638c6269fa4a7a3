// SPDX-License-Identifier: Apache-2.0
//
// Any hosts file, behind a first line that is the value of AMBASSADOR_PORTS.
#include <algorithm>

#include "base/text.h"
#include "fuzz/require.h"
#include "fuzz/wiring_oracle.h"
#include "wiring/hosts_file.h"

namespace amb {
namespace {

using test::require;

/// Each entry can be found again in its line, and is what that line says, read on its own.
void require_entries(std::string_view text) {
  const auto lines = split(text, '\n');
  std::size_t last = 0;
  for (const auto& entry : parse_hosts(text)) {
    require(entry.line > last && entry.line <= lines.size(), "entries are told by their lines, in order");
    last = entry.line;
    const auto line = lines[entry.line - 1];
    require(entry.address.is_ip() && entry.address.port() == 0, "an entry has an address");
    require(SocketAddress::from_ip(entry.address.host(), 0) == entry.address, "it can be written down",
            entry.address.host());
    require(!entry.names.empty(), "an entry has a name");
    std::size_t at = 0;
    for (const auto& name : entry.names) {
      require(!name.empty() && name.find_first_of(" \t\r\v\f\n#") == std::string::npos, "a name is a word",
              name);
      at = line.find(name, at);
      require(at != std::string_view::npos && at < line.find('#'), "a name stands in its line", name);
      at += name.size();
    }
    const auto alone = parse_hosts(line);
    require(alone.size() == 1 && alone[0].address == entry.address && alone[0].names == entry.names,
            "a line means the same wherever it stands", line);
  }
}

/// Links of the hosts file lead to what the file says, by its first name.
void require_known_hosts(const Findings& findings, std::string_view text) {
  const auto entries = parse_hosts(text);
  for (const auto& link : findings.links) {
    for (const auto& target : link.targets) {
      const bool known = std::ranges::any_of(entries, [&](const HostsEntry& entry) {
        return target.fallback && equals_ignoring_case(entry.names.front(), target.name) &&
               entry.address.same_host(*target.fallback);
      });
      require(known, "a link leads to a host of the file", target.text);
      require(!target.fallback->is_loopback(), "no link leads back to this host", target.text);
    }
  }
}

}  // namespace
}  // namespace amb

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amb;
  const std::string_view text = test::as_text(data, size);
  const auto first_end = std::min(text.find('\n'), text.size());
  WiringInput input = test::plain_input();
  input.environment = {{"AMBASSADOR_PORTS", std::string(text.substr(0, first_end))}};
  input.hosts_text = first_end == text.size() ? "" : text.substr(first_end + 1);

  require_entries(input.hosts_text);
  const Findings findings = find_wiring(input);
  test::require_whole(input, findings);
  test::require_harmless_reports(findings);
  require_known_hosts(findings, input.hosts_text);
  return 0;
}
