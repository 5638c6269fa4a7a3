// SPDX-License-Identifier: Apache-2.0
#include "app/input.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/unique_fd.h"
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

/// A byte more than a file of links may have, so that a larger one is known for one. Returns an errno, or 0.
int read_whole(const char* path, std::string& text) {
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return errno;
  std::array<char, 16384> piece;
  while (text.size() <= kMostConfigBytes) {
    const ssize_t count = ::read(file.borrow(), piece.data(), piece.size());
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  return 0;
}

ConfigText read_config(ConfigText::From from, const std::string& path) {
  ConfigText config{.from = from, .path = path, .text = {}, .error = {}};
  if (const int error = read_whole(path.c_str(), config.text); error != 0) {
    config.text.clear();
    config.error = strerrordesc_np(error);
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
    return read_config(From::variable, variable->second);
  if (::access(standard_path, F_OK) != 0) return std::nullopt;
  return read_config(From::standard_place, standard_path);
}

}  // namespace

WiringInput read_input(const CommandLine& line, const char* standard_config_path) {
  WiringInput input;
  input.arguments = line.words;
  input.environment = read_environment();
  input.config = find_config(line, input, standard_config_path);
  std::ifstream hosts(input.hosts_path);
  input.hosts_text.assign(std::istreambuf_iterator<char>(hosts), {});
  input.hostname = read_hostname();
  input.own_addresses = own_addresses();
  return input;
}

}  // namespace amb
