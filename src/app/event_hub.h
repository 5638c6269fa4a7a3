// SPDX-License-Identifier: Apache-2.0
//
// What the log says, for those who ask the running program: every line as it happens, and for each link what
// went wrong of late. On the control thread.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "admin/control.h"
#include "base/log.h"
#include "wiring/link_table.h"

namespace amb {

class EventHub final : public LogTap {
 public:
  static constexpr std::size_t kMostFailures = 32;  ///< Of one link, different ones.

  EventHub(Log& log, const LinkTable& links) : log_(log), links_(links) { log_.set_tap(this); }
  ~EventHub() { log_.set_tap(nullptr); }
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  void subscribe(EventListener& listener) { listeners_.push_back(&listener); }
  void unsubscribe(EventListener& listener) { std::erase(listeners_, &listener); }

  const std::map<std::string, std::uint64_t>& counts() const { return counts_; }  ///< Lines, by event.
  std::uint64_t dropped() const { return log_.dropped(); }
  std::vector<Failure> failures(const std::string& link) const;  ///< The latest first.

 private:
  void on_line(std::int64_t time_ms, LogLevel level, std::string_view event,
               std::initializer_list<LogField> fields) override;
  void remember(const std::string& link, const Failure& failure);
  void forget_others();  ///< What is remembered of links that are in the wiring no more.

  Log& log_;
  const LinkTable& links_;
  std::vector<EventListener*> listeners_;
  std::uint64_t last_number_ = 0;
  std::map<std::string, std::uint64_t> counts_;
  std::map<std::string, std::list<Failure>> failures_;  ///< By link.
};

}  // namespace amb
