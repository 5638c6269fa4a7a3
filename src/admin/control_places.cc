// SPDX-License-Identifier: Apache-2.0
#include "admin/control_places.h"

#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <utility>

#include "base/text.h"

namespace amb {

namespace {

constexpr int kPrograms = 9;  // that find a place beside each other

/// "name.sock", "name-2.sock" and so on.
std::vector<SocketAddress> numbered(const std::string& name, const std::string& suffix) {
  std::vector<SocketAddress> addresses;
  for (int number = 1; number <= kPrograms; ++number) {
    const std::string path = name + (number == 1 ? "" : "-" + std::to_string(number)) + suffix;
    if (const auto address = SocketAddress::from_path(path)) addresses.push_back(*address);
  }
  return addresses;
}

ControlSpot in_folder(const std::string& folder) {
  return {ControlSpot::Kind::folder, folder, numbered(folder + "/control", ".sock")};
}

}  // namespace

ControlSearch control_search(std::string setting) {
  ControlSearch search;
  search.setting = std::move(setting);
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr) search.runtime_folder = runtime;
  search.uid = ::geteuid();
  return search;
}

std::vector<ControlSpot> control_spots(const ControlSearch& search) {
  std::vector<ControlSpot> spots;
  if (search.is_off()) return spots;
  if (!search.setting.empty()) {
    ControlSpot told{ControlSpot::Kind::told, {}, {}};
    if (const auto address = SocketAddress::from_path(search.setting)) told.addresses.push_back(*address);
    spots.push_back(std::move(told));
    return spots;
  }
  const std::string uid = std::to_string(search.uid);
  spots.push_back(in_folder(search.run_folder + "/ambassador"));
  if (search.runtime_folder.starts_with('/'))
    spots.push_back(in_folder(search.runtime_folder + "/ambassador"));
  spots.push_back(in_folder(search.tmp_folder + "/ambassador-" + uid));
  spots.push_back({ControlSpot::Kind::abstract, {}, numbered("@ambassador-control-" + uid, "")});
  return spots;
}

std::string describe(const std::vector<ControlSpot>& spots) {
  std::vector<std::string> first;
  for (const ControlSpot& spot : spots) {
    if (!spot.addresses.empty()) first.push_back(escape_text(spot.addresses.front().path()));
  }
  const std::vector<std::string_view> words(first.begin(), first.end());
  return join_words(words);
}

}  // namespace amb
