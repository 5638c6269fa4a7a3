// SPDX-License-Identifier: Apache-2.0
#include "proxy/loop_probe.h"

#include <algorithm>
#include <utility>

#include "net/socket.h"
#include "proxy/session_host.h"

namespace amb {

bool LoopProbe::begin(LoopWatch& watch, LinkId link, const SocketAddress& endpoint) {
  if (!watch.begin(link)) return false;
  watch_ = &watch;
  endpoint_ = endpoint;
  rounds_ = 0;
  look_again(Step::resting, loop_.now() + kQuiet);
  return true;
}

void LoopProbe::stop() {
  loop_.timers().cancel(*this);
  fd_.reset();
  if (watch_ != nullptr) std::exchange(watch_, nullptr)->over(false);
}

void LoopProbe::look_again(Step step, Milliseconds until) {
  step_ = step;
  until_ = until;
  loop_.timers().arm(*this, step == Step::resting ? until : loop_.now() + kLook);
}

void LoopProbe::connect() {
  watch_->let_in();
  begun_ = loop_.now();
  ConnectResult result = try_connect(endpoint_);
  fd_ = std::move(result.fd);
  if (result.io.status == IoStatus::failed || !loop_.add(fd_.borrow(), kStreamEvents, *this))
    return tell(false);
  look_again(Step::connecting, begun_ + kMostConnect);
}

void LoopProbe::on_events(std::uint32_t events) {
  if (!fd_.is_open() || step_ != Step::connecting) return;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return tell(false);
  if ((events & EPOLLOUT) == 0) return;
  patience_ = std::min(kPatience + 10 * (loop_.now() - begun_), 2 * kMostConnect);
  look_again(Step::arriving, loop_.now() + patience_);
}

void LoopProbe::on_timer() {
  if (step_ == Step::resting) return connect();
  if (step_ == Step::arriving && watch_->has_arrived()) return end_round();
  if (step_ == Step::ending && watch_->has_ended()) {
    if (++rounds_ == kRounds) return tell(true);
    return look_again(Step::resting, loop_.now() + kLook);
  }
  if (loop_.now() >= until_) return tell(false);
  look_again(step_, until_);
}

/// It was made to reset when it is closed.
void LoopProbe::end_round() {
  watch_->await_end();
  fd_.reset();
  look_again(Step::ending, loop_.now() + patience_);
}

void LoopProbe::tell(bool is_loop) {
  loop_.timers().cancel(*this);
  fd_.reset();
  std::exchange(watch_, nullptr)->over(is_loop);
  owner_.on_loop_tried(is_loop);
}

}  // namespace amb
