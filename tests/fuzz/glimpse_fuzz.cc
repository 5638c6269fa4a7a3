// SPDX-License-Identifier: Apache-2.0
//
// First bytes of both sides, cut in any way: a glimpse comes to its end within its bound, keeps within its
// bounds what it was told, and says the same of the same bytes however they were cut when one side alone
// speaks.
//
// Input: pieces, each a byte of which the top bit is the direction and the rest its length, then so many
// bytes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/require.h"
#include "proxy/glimpse.h"

namespace {

using namespace amb;
using test::require;

void check_bounds(const Glimpse& glimpse) {
  if (glimpse.hello() == nullptr) return;
  require(!glimpse.hello()->is_empty(), "a hello says something");
  require(glimpse.hello()->server_name.size() <= TlsHello::kMostServerName, "a bounded name");
  require(glimpse.hello()->protocols.size() <= TlsHello::kMostProtocols, "bounded protocols");
  require(glimpse.protocol() == AppProtocol::tls || glimpse.protocol() == AppProtocol::postgres,
          "TLS has a hello");
}

void check_whole(const std::string& said, const Glimpse& in_pieces) {
  Glimpse whole(true);
  whole.see(Direction::to_upstream, std::as_bytes(std::span(said)));
  whole.finish();
  // Postgres that asks for TLS waits for an answer, so there a piece more or less matters.
  if (in_pieces.protocol() == AppProtocol::postgres || whole.protocol() == AppProtocol::postgres) return;
  require(whole.protocol() == in_pieces.protocol(), "the same protocol in one piece");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Glimpse glimpse(true);
  std::string consumer;
  bool has_provider_spoken = false;
  std::size_t seen = 0;
  for (std::size_t at = 0; at < size;) {
    const auto direction = (data[at] & 0x80) != 0 ? Direction::to_downstream : Direction::to_upstream;
    const std::size_t count = std::min<std::size_t>(data[at] & 0x7f, size - at - 1);
    ++at;
    if (count == 0) continue;
    const std::span<const std::byte> piece = std::as_bytes(std::span(data + at, count));
    at += count;
    if (direction == Direction::to_downstream) has_provider_spoken = true;
    if (direction == Direction::to_upstream)
      consumer.append(reinterpret_cast<const char*>(piece.data()), count);
    if (glimpse.is_over()) continue;
    glimpse.see(direction, piece);
    if (direction == Direction::to_upstream) seen += count;
    require(glimpse.is_over() || seen < Glimpse::kMostBytes + 8, "it ends within its bound");
    check_bounds(glimpse);
  }
  const bool was_over = glimpse.is_over();
  glimpse.finish();
  require(glimpse.is_over(), "it is over at the end");
  check_bounds(glimpse);
  if (!has_provider_spoken && !consumer.empty() && was_over) check_whole(consumer, glimpse);
  return 0;
}
