// SPDX-License-Identifier: Apache-2.0
//
// The kernel's table of TCP sockets. The first byte chooses: rows built from the bytes in the kernel's own
// format, counted exactly, or any text at all.
#include <algorithm>
#include <cinttypes>
#include <cstring>

#include "base/text.h"
#include "fuzz/require.h"
#include "net/unsent.h"

namespace amb {
namespace {

using test::require;

const std::vector<std::uint16_t> kOurs = {6379, 80, 0xffff};

/// The fields of one row as the fuzzer wants them.
struct Row {
  std::uint16_t local_port, remote_port;
  std::uint32_t unacknowledged, unread;
  std::uint32_t inode;
  std::uint8_t state, flags;
};
constexpr std::size_t kRowBytes = 18;

Row row_from(std::string_view bytes) {
  Row row{};
  const auto take = [&bytes](auto& field) {
    std::memcpy(&field, bytes.data(), sizeof field);
    bytes.remove_prefix(sizeof field);
  };
  take(row.local_port), take(row.remote_port), take(row.unacknowledged), take(row.unread);
  take(row.inode), take(row.state), take(row.flags);
  // Random numbers are hardly ever those that matter.
  if ((row.flags & 1) != 0) row.local_port = kOurs[row.flags % kOurs.size()];
  if ((row.flags & 2) != 0) row.remote_port = kOurs[row.flags % kOurs.size()];
  if ((row.flags & 4) != 0) row.inode = 0;
  if ((row.flags & 8) != 0) row.unacknowledged = 0;
  row.state = static_cast<std::uint8_t>(row.state % 13);
  return row;
}

/// As net/ipv4/tcp_ipv4.c and tcp_ipv6.c print it.
std::string print(const Row& row, std::size_t number) {
  const char* address = (row.flags & 16) != 0 ? "B80D01200000000067452301EFCDAB89" : "0100007F";
  char line[256];
  std::snprintf(line, sizeof line,
                "%4zu: %s:%04X %s:%04X %02X %08" PRIX32 ":%08" PRIX32
                " 01:00000015 00000000  1000        0 %" PRIu32 " 1 0000000000000000 20 4 30 10 -1\n",
                number, address, unsigned{row.local_port}, address, unsigned{row.remote_port},
                unsigned{row.state}, row.unacknowledged, row.unread, row.inode);
  return line;
}

bool counts(const Row& row) {
  const bool closing = row.state == 4 || row.state == 9 || row.state == 11;
  const auto ours = [](std::uint16_t port) { return std::ranges::find(kOurs, port) != kOurs.end(); };
  return closing && row.inode == 0 && row.unacknowledged > 0 &&
         (ours(row.local_port) || ours(row.remote_port));
}

void require_exact_count(std::string_view bytes) {
  std::string table =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  std::size_t expected = 0;
  for (std::size_t i = 0; bytes.size() >= kRowBytes; ++i, bytes.remove_prefix(kRowBytes)) {
    const Row row = row_from(bytes);
    table += print(row, i);
    expected += counts(row) ? 1U : 0U;
  }
  require(count_unsent(table, kOurs) == expected, "every socket that still sends is counted, and no other",
          table);
}

void require_sane_count(std::string_view text) {
  const std::size_t all = count_unsent(text, kOurs);
  const auto lines = split(text, '\n');
  std::size_t sum = 0;
  for (const auto line : lines) {
    const std::size_t alone = count_unsent(line, kOurs);
    require(alone <= 1, "a line is at most one socket", escape_text(line));
    sum += alone;
  }
  require(all == sum, "lines count on their own", escape_text(text));
  require(count_unsent(text, {}) == 0, "without ports there is nothing of ours");
}

}  // namespace
}  // namespace amb

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amb;
  const std::string_view text = test::as_text(data, size);
  if (text.starts_with('\x01')) {
    require_exact_count(text.substr(1));
  } else {
    require_sane_count(text);
  }
  return 0;
}
