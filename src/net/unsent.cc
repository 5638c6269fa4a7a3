// SPDX-License-Identifier: Apache-2.0
#include "net/unsent.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>
#include <string>

#include "base/small_file.h"

namespace amb {

namespace {

// Columns of /proc/net/tcp: sl local rem st tx:rx tr:when retrnsmt uid timeout inode …
struct Row {
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  unsigned state = 0;
  unsigned long unacknowledged = 0;
  unsigned long inode = 0;
};

template <class Number>
Number hex(std::string_view digits) {
  Number value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

std::optional<Row> parse_row(const std::string& line) {
  std::istringstream columns(line);
  std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout;
  Row row;
  if (!(columns >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >>
        row.inode)) {
    return std::nullopt;
  }
  const auto after_colon = [](const std::string& text) {
    return std::string_view(text).substr(text.find(':') + 1);
  };
  row.local_port = hex<std::uint16_t>(after_colon(local));
  row.remote_port = hex<std::uint16_t>(after_colon(remote));
  row.state = hex<unsigned>(state);
  row.unacknowledged = hex<unsigned long>(std::string_view(queues).substr(0, queues.find(':')));
  return row;
}

bool is_closed_and_sending(const Row& row) {
  constexpr unsigned kFinWait1 = 4, kLastAck = 9, kClosing = 11;  // include/net/tcp_states.h
  const bool closing = row.state == kFinWait1 || row.state == kLastAck || row.state == kClosing;
  return closing && row.inode == 0 && row.unacknowledged > 0;
}

/// Empty if it cannot be read: then there is nothing to wait for that we could see.
std::string read_all(const char* path) {
  constexpr std::size_t kMostBytes = 64UL * 1024 * 1024;  // of 400,000 sockets
  return read_small_file(path, kMostBytes).value_or(std::string());
}

}  // namespace

std::size_t count_unsent(std::string_view table, const std::vector<std::uint16_t>& our_ports) {
  std::size_t count = 0;
  std::istringstream lines{std::string(table)};
  for (std::string line; std::getline(lines, line);) {
    const auto row = parse_row(line);
    if (!row || !is_closed_and_sending(*row)) continue;
    if (std::ranges::any_of(our_ports, [&](std::uint16_t port) {
          return port == row->local_port || port == row->remote_port;
        })) {
      ++count;
    }
  }
  return count;
}

std::size_t unsent_sockets(const std::vector<std::uint16_t>& our_ports) {
  return count_unsent(read_all("/proc/net/tcp"), our_ports) +
         count_unsent(read_all("/proc/net/tcp6"), our_ports);
}

}  // namespace amb
