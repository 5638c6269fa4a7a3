// SPDX-License-Identifier: Apache-2.0
#include "app/shutdown.h"

namespace amb {

void Shutdown::on_stop_signal(std::string_view signal) {
  if (has_begun_) return cut();
  has_begun_ = true;
  parts_.journal.stopping(signal, parts_.supervisor.open_sessions());
  if (parts_.linger.count() == 0) return drain();
  timer_.expires_after(parts_.linger);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) drain();
  });
}

void Shutdown::drain() {
  parts_.supervisor.drain([this] { parts_.io.stop(); });
  timer_.expires_after(parts_.drain);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) cut();
  });
}

void Shutdown::cut() {
  sessions_cut_ = parts_.supervisor.cut(CloseReason::drain_deadline);
  parts_.io.stop();
}

}  // namespace amb
