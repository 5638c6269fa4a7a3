// SPDX-License-Identifier: Apache-2.0
#include "app/input.h"

#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/small_file.h"
#include "base/text.h"
#include "net/interfaces.h"
#include "wiring/config_file.h"

namespace amb {

namespace {

std::vector<std::pair<std::string, std::string>> read_environment() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::string read_hostname() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// Other programs keep hosts files of some MiB, to block names.
constexpr std::size_t kMostHostsBytes = 16UL * 1024 * 1024;

/// Without the path, which whoever tells of it knows.
std::string why(const Error& error) {
  return error.code == 0 ? "it is not a regular file" : strerrordesc_np(error.code);
}

ConfigText read_config(ConfigText::From from, const std::string& path) {
  ConfigText config{.from = from, .path = path, .text = {}, .error = {}};
  auto text = read_small_file(path, kMostConfigBytes);
  if (text) {
    config.text = std::move(*text);
  } else if (text.error().code == EFBIG) {
    config.error = "it is larger than 1 MiB";
  } else {
    config.error = why(text.error());
  }
  return config;
}

/// The file that was asked for, or the one that is always looked for if it is there.
std::optional<ConfigText> find_config(const CommandLine& line, const WiringInput& input,
                                      const char* standard_path) {
  using From = ConfigText::From;
  if (line.config) return read_config(From::option, *line.config);
  const auto is_named = [](const auto& variable) { return variable.first == "AMBASSADOR_CONFIG"; };
  const auto variable = std::ranges::find_if(input.environment, is_named);
  if (variable != input.environment.end() && !trim(variable->second).empty())
    return read_config(From::variable, std::string(trim(variable->second)));
  if (::access(standard_path, F_OK) != 0) return std::nullopt;
  return read_config(From::standard_place, standard_path);
}

}  // namespace

WiringInput read_input(const CommandLine& line, const char* standard_config_path) {
  WiringInput input;
  input.arguments = line.words;
  input.environment = read_environment();
  input.config = find_config(line, input, standard_config_path);
  if (auto hosts = read_small_file(input.hosts_path, kMostHostsBytes)) {
    input.hosts_text = std::move(*hosts);
  } else if (hosts.error().code != ENOENT) {
    input.hosts_error = why(hosts.error());
  }
  input.hostname = read_hostname();
  input.own_addresses = own_addresses();
  return input;
}

}  // namespace amb
