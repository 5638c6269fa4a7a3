// SPDX-License-Identifier: Apache-2.0
#include "app/socket_access.h"

#include <cstdint>
#include <string_view>

#include "base/small_file.h"
#include "base/text.h"

namespace amb {

namespace {

constexpr std::size_t kMostBytes = 4 << 20;

/// "name:password:number:…" is a line of either file.
std::optional<std::uint32_t> number_of(std::string_view name, std::string_view text) {
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with(name) || line.substr(name.size(), 1) != ":") continue;
    const auto fields = split(line, ':');
    if (fields.size() > 2) return parse_number<std::uint32_t>(fields[2]);
  }
  return std::nullopt;
}

Result<std::optional<std::uint32_t>> look_up(const std::string& account, const std::string& path) {
  if (account.empty()) return std::nullopt;
  if (const auto number = parse_number<std::uint32_t>(account)) return number;
  const auto text = read_small_file(path, kMostBytes);
  if (!text) return std::unexpected(text.error());
  if (const auto number = number_of(account, *text)) return number;
  return std::unexpected(Error{"there is no '" + escape_text(account) + "' in", 0, path});
}

}  // namespace

Result<WantedAccess> wanted_access(const SocketFile& file, const AccountFiles& files) {
  const auto owner = look_up(file.owner, files.users);
  if (!owner) return std::unexpected(owner.error());
  const auto group = look_up(file.group, files.groups);
  if (!group) return std::unexpected(group.error());
  WantedAccess wanted{.mode = std::nullopt, .owner = *owner, .group = *group};
  if (file.mode) wanted.mode = *file.mode;
  return wanted;
}

}  // namespace amb
