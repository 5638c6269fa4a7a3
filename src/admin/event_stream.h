// SPDX-License-Identifier: Apache-2.0
//
// The program's events as server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html). What a slow reader has not taken waits in
// a queue with an end: what does not fit is counted, and told as one event `lost` where it would have stood.
// Who watches is told the numbers too, from time to time: those of the moment, never queued.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "admin/control.h"
#include "admin/http_message.h"
#include "admin/numbers.h"

namespace amb {

/// What is told besides events, and how often.
struct Watch {
  std::shared_ptr<Numbers> numbers;
  std::chrono::milliseconds every{0};
};

class EventStream final : public HttpStream, private EventListener {
 public:
  static constexpr std::size_t kMostEvents = 256;
  static constexpr std::size_t kMostBytes = 48 * 1024;

  /// Subscribes at once, until end(). `control` must live until then.
  EventStream(boost::asio::io_context& io, Control& control, std::chrono::milliseconds pause,
              Watch watch = {});
  ~EventStream() override;
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  /// A comment at first, so that the reader knows that it listens, and after each `pause` without an event.
  boost::asio::awaitable<std::string> next() override;
  std::string rest() override;
  void end() override;

 private:
  void on_event(const ControlEvent& event) override;
  void add(std::string text);
  void say_lost();
  std::chrono::milliseconds longest_wait() const;

  Control* control_;
  std::chrono::milliseconds pause_;
  Watch watch_;
  std::chrono::steady_clock::time_point numbers_due_{};  ///< The first ones at once.
  boost::asio::steady_timer wait_;
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;
  std::uint64_t lost_ = 0;
  bool has_greeted_ = false;
};

}  // namespace amb
