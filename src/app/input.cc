// SPDX-License-Identifier: Apache-2.0
#include "app/input.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <string_view>
#include <utility>

#include "net/interfaces.h"

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

}  // namespace

WiringInput read_input(std::vector<std::string> words) {
  WiringInput input;
  input.arguments = std::move(words);
  input.environment = read_environment();
  std::ifstream hosts(input.hosts_path);
  input.hosts_text.assign(std::istreambuf_iterator<char>(hosts), {});
  input.hostname = read_hostname();
  input.own_addresses = own_addresses();
  return input;
}

}  // namespace amb
