// SPDX-License-Identifier: Apache-2.0
#include "sim/peer.h"

#include <algorithm>

namespace amb::sim {

bool Peer::step(Random& random, Ms now) {
  if (!connection_.is_established() || connection_.is_peer_done()) return false;
  const bool is_sudden = plan_.ending == Ending::reset || plan_.ending == Ending::vanish;
  if (is_sudden && steps_ >= plan_.steps_before_end) return end_suddenly();
  const std::uint64_t first = random.below(3);
  for (std::uint64_t i = 0; i < 3; ++i) {
    if (!act(random, now, (first + i) % 3)) continue;
    if (++steps_ == plan_.pauses_after && plan_.pauses_ms != 0) resumes_at_ = now + plan_.pauses_ms;
    return true;
  }
  return is_sudden && end_suddenly();
}

bool Peer::act(Random& random, Ms now, std::uint64_t which) {
  switch (which) {
    case 0:
      return write(random);
    case 1:
      return read(random, now);
    default:
      return finish();
  }
}

bool Peer::write(Random& random) {
  if (plan_.answers_only && !connection_.peer_saw_end()) return false;
  const std::uint64_t most = std::min({plan_.sends - sent_, connection_.peer_room(), plan_.write_most});
  if (most == 0) return false;
  const std::uint64_t bytes = random.one_in(2) ? most : random.between(1, most);
  plan_.sends_urgently&& random.one_in(3) ? connection_.peer_write_urgent(bytes)
                                          : connection_.peer_write(bytes);
  sent_ += bytes;
  return true;
}

bool Peer::read(Random& random, Ms now) {
  if (plan_.never_reads || now < resumes_at_) return false;
  const std::uint64_t most = std::min(connection_.peer_unread(), plan_.read_most);
  if (most == 0) return false;
  connection_.peer_read(random.one_in(2) ? most : random.between(1, most));
  return true;
}

bool Peer::finish() {
  if (sent_ < plan_.sends) return false;
  if (plan_.ending == Ending::close) {
    connection_.peer_close();
    return true;
  }
  if (plan_.ending != Ending::finish) return false;
  if (!connection_.in.fin_written) {
    connection_.peer_shutdown();
    return true;
  }
  if (!connection_.peer_saw_end()) return false;
  connection_.peer_close();
  return true;
}

bool Peer::end_suddenly() {
  plan_.ending == Ending::reset ? connection_.peer_reset() : connection_.vanish();
  return true;
}

void Peer::wind_up() {
  plan_.ending = Ending::finish;
  plan_.answers_only = plan_.never_reads = false;
  plan_.pauses_ms = resumes_at_ = 0;
}

}  // namespace amb::sim
