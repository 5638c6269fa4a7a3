// SPDX-License-Identifier: Apache-2.0
#include "admin/event_stream.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <new>
#include <utility>

namespace amb {

namespace asio = boost::asio;

namespace {

constexpr auto kAlive = ": ok\n\n";

}  // namespace

EventStream::EventStream(asio::io_context& io, Control& control, std::chrono::milliseconds pause, Watch watch)
    : control_(&control), pause_(pause), watch_(std::move(watch)), wait_(io) {
  control_->subscribe(*this);
}

EventStream::~EventStream() { end(); }

void EventStream::end() {
  if (control_ == nullptr) return;
  std::exchange(control_, nullptr)->unsubscribe(*this);
  wait_.cancel();
}

/// Is called by whoever writes a line of the log, whom it must not fail for want of memory.
void EventStream::on_event(const ControlEvent& event) {
  if (queue_.size() >= kMostEvents || queued_bytes_ + event.json.size() > kMostBytes) {
    ++lost_;
    return;
  }
  try {
    say_lost();
    add("id: " + std::to_string(event.number) + "\nevent: " + event.name + "\ndata: " + event.json + "\n\n");
  } catch (const std::bad_alloc&) {
    ++lost_;
  }
  wait_.cancel();
}

void EventStream::add(std::string text) {
  queued_bytes_ += text.size();
  queue_.push_back(std::move(text));
}

/// At the end of what is queued, which is where the lost ones would be.
void EventStream::say_lost() {
  if (lost_ == 0) return;
  add("event: lost\ndata: {\"lost\":" + std::to_string(lost_) + "}\n\n");
  lost_ = 0;
}

asio::awaitable<std::string> EventStream::next() {
  if (!std::exchange(has_greeted_, true)) co_return kAlive;
  if (queue_.empty() && control_ != nullptr) {
    wait_.expires_after(longest_wait());
    (void)co_await wait_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (control_ == nullptr) co_return std::string();
  std::string piece = rest();
  if (watch_.numbers != nullptr && std::chrono::steady_clock::now() >= numbers_due_) {
    numbers_due_ = std::chrono::steady_clock::now() + watch_.every;
    const std::string numbers = co_await watch_.numbers->at_most(watch_.every / 2);
    if (!numbers.empty()) piece += "event: numbers\ndata: " + numbers + "\n\n";
  }
  co_return piece.empty() ? kAlive : piece;
}

std::chrono::milliseconds EventStream::longest_wait() const {
  if (watch_.numbers == nullptr) return pause_;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(numbers_due_ - std::chrono::steady_clock::now());
  return std::clamp(left, std::chrono::milliseconds(0), pause_);
}

std::string EventStream::rest() {
  say_lost();
  std::string text;
  for (const std::string& event : queue_) text += event;
  queue_.clear();
  queued_bytes_ = 0;
  return text;
}

}  // namespace amb
