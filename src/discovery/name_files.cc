// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "base/small_file.h"
#include "base/text.h"
#include "wiring/hosts_file.h"

namespace amb {

namespace {

constexpr std::size_t kLargestFile = 16 * 1024 * 1024;
constexpr std::size_t kMostAddressesOfAName = 256;

/// What tells one version of a file from another. Empty where a second one could look the same: two changes
/// within a tick of the file system's clock.
std::string stamp_of(const std::string& path) {
  constexpr std::time_t kTickS = 1;
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return "none";
  if (std::time(nullptr) - status.st_ctim.tv_sec <= kTickS) return {};
  std::string stamp;
  for (const auto number :
       {static_cast<long>(status.st_dev), static_cast<long>(status.st_ino), static_cast<long>(status.st_size),
        static_cast<long>(status.st_mtim.tv_sec), static_cast<long>(status.st_mtim.tv_nsec),
        static_cast<long>(status.st_ctim.tv_sec), static_cast<long>(status.st_ctim.tv_nsec)})
    stamp += std::to_string(number) + ' ';
  return stamp;
}

/// "zone.test" of "host.zone.test".
std::string own_domain() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  const std::string_view text(name.data());
  const auto dot = text.find('.');
  return dot == std::string_view::npos ? std::string() : std::string(text.substr(dot + 1));
}

}  // namespace

HostsTable::HostsTable(std::string_view text) {
  for (const HostsEntry& entry : parse_hosts(text)) {
    for (const std::string& name : entry.names) {
      auto& addresses = addresses_[to_lower(name)];
      if (addresses.size() < kMostAddressesOfAName && std::ranges::count(addresses, entry.address) == 0)
        addresses.push_back(entry.address);
    }
  }
}

const std::vector<SocketAddress>& HostsTable::find(std::string_view name) const {
  static const std::vector<SocketAddress> kNone;
  const auto found = addresses_.find(to_lower(name));
  return found == addresses_.end() ? kNone : found->second;
}

NameFiles::NameFiles(std::string hosts, std::string resolv_conf)
    : hosts_file_{std::move(hosts)}, resolv_conf_file_{std::move(resolv_conf)} {}

std::optional<std::string> NameFiles::File::read_again() {
  std::string now = stamp_of(path);
  if (!now.empty() && now == stamp) return std::nullopt;
  stamp = std::move(now);
  auto text = read_small_file(path, kLargestFile);
  if (text) return std::move(*text);
  if (text.error().code != ENOENT) return std::nullopt;
  return std::string();
}

const HostsTable& NameFiles::hosts() {
  if (const auto text = hosts_file_.read_again()) hosts_ = HostsTable(*text);
  return hosts_;
}

const ResolvConf& NameFiles::resolv_conf() {
  const auto text = resolv_conf_file_.read_again();
  if (!text && !resolv_conf_.servers.empty()) return resolv_conf_;
  resolv_conf_ = {};
  resolv_conf_.read_search(own_domain());
  resolv_conf_.read(text.value_or(""));
  if (const char* domains = std::getenv("LOCALDOMAIN")) resolv_conf_.read_search(domains);
  if (const char* options = std::getenv("RES_OPTIONS")) resolv_conf_.read_options(options);
  if (resolv_conf_.servers.empty()) resolv_conf_.servers.push_back(*SocketAddress::from_ip("127.0.0.1", 53));
  return resolv_conf_;
}

ResolvConf NameFiles::next_resolv_conf() {
  ResolvConf conf = resolv_conf();
  if (!conf.rotates) return conf;
  const auto first = static_cast<std::ptrdiff_t>(look_ups_++ % conf.servers.size());
  std::ranges::rotate(conf.servers, conf.servers.begin() + first);
  return conf;
}

}  // namespace amb
