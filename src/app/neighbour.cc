// SPDX-License-Identifier: Apache-2.0
#include "app/neighbour.h"

#include <dirent.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "app/cli.h"
#include "base/small_file.h"
#include "base/text.h"
#include "net/unix_place.h"

namespace amb {

namespace {

constexpr std::size_t kMostStatusBytes = 65536;
constexpr std::size_t kMostCommandLineBytes = 4 * 1024 * 1024;  // execve(2): a quarter of the stack's limit

std::vector<unsigned> processes(const std::string& proc) {
  std::vector<unsigned> ids;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(proc.c_str()), ::closedir);
  if (!folder) return ids;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (const auto id = parse_number<unsigned>(std::string_view(entry->d_name))) ids.push_back(*id);
  }
  std::ranges::sort(ids);
  return ids;
}

struct Status {
  std::string name;
  char state = 'X';
  unsigned uid = 0;
};

/// "Uid:\t65534\t65534\t65534\t65534" is behind its key; proc(5).
std::string_view value_of(std::string_view text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(key)) return trim(line.substr(key.size()));
  }
  return {};
}

std::optional<Status> read_status(const std::string& folder) {
  const auto text = read_small_file(folder + "/status", kMostStatusBytes);
  if (!text) return std::nullopt;
  const std::string_view state = value_of(*text, "State:"), uids = value_of(*text, "Uid:");
  const auto uid = parse_number<unsigned>(uids.substr(0, uids.find('\t')));
  if (state.empty() || !uid) return std::nullopt;
  return Status{std::string(value_of(*text, "Name:")), state.front(), *uid};
}

bool runs(const Status& status) {
  return std::string_view("ZXxTt").find(status.state) == std::string_view::npos;
}

/// Whether its command line is that of a program that relays.
bool is_relaying(const std::string& folder) {
  const auto text = read_small_file(folder + "/cmdline", kMostCommandLineBytes);
  if (!text) return false;
  std::vector<const char*> words;
  for (std::size_t at = 0; at < text->size(); at = text->find('\0', at) + 1) {
    words.push_back(text->c_str() + at);
    if (text->find('\0', at) == std::string::npos) break;
  }
  if (words.empty()) return false;
  const auto parsed = parse_command_line(static_cast<int>(words.size()), words.data());
  const auto* line = std::get_if<CommandLine>(&parsed);
  return line != nullptr && line->command == CommandLine::Command::run;
}

}  // namespace

std::optional<int> find_neighbour(const std::string& proc) {
  const auto own = read_status(proc + "/self");
  const auto own_file = file_id(proc + "/self/exe");
  if (!own || !own_file) return std::nullopt;
  for (const unsigned id : processes(proc)) {
    const std::string folder = proc + "/" + std::to_string(id);
    const auto status = read_status(folder);
    if (!status || !runs(*status) || (own->uid != 0 && status->uid != own->uid)) continue;
    const auto file = file_id(folder + "/exe");
    const bool is_same_program = file ? file == own_file : status->name == own->name;
    if (is_same_program && is_relaying(folder)) return static_cast<int>(id);
  }
  return std::nullopt;
}

}  // namespace amb
