// SPDX-License-Identifier: Apache-2.0
//
// A program that is steered: it answers what the test has set, and remembers what it was told.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "admin/control.h"
#include "admin/metrics.h"
#include "wiring/option_values.h"

namespace amb::test {

inline ControlError control_error(int status, std::string what) {
  return {status, std::move(what), "accepted", {}};
}

class FakeControl final : public Control {
 public:
  ProgramStatus program;
  Metrics measured;
  SessionList list;
  WhyAnswer why_answer;
  ChangeResult change;
  Readiness ready{true, "ready", {}};
  std::string wiring = "{\"ok\":true}\n";
  std::optional<ControlError> refuses;  ///< Everything that can be turned down.
  std::vector<std::string> told;        ///< "drain redis", in order.
  std::vector<EventListener*> listeners;
  std::function<Task<void>()> before_metrics;  ///< What their answer waits for.

  Task<ProgramStatus> status() override {
    told.emplace_back("status");
    co_return program;
  }
  Task<Metrics> metrics() override {
    told.emplace_back("metrics");
    if (before_metrics) co_await before_metrics();
    co_return measured;
  }
  Task<Controlled<SessionList>> sessions(SessionQuery query) override {
    co_return answer("sessions " + query.link + " " + std::to_string(query.most), list);
  }
  Task<Controlled<void>> close_session(std::string id) override { co_return done("close " + id); }
  Task<Controlled<WhyAnswer>> why(std::string link) override { co_return answer("why " + link, why_answer); }

  Task<Controlled<ChangeResult>> rewire(RewireRequest request) override {
    std::string text = "rewire " + request.link;
    for (const auto& url : request.upstream) text += " " + url;
    if (request.back) text += " back";
    if (request.existing) text += " existing=" + format_session_fate(*request.existing);
    if (request.dry_run) text += " dry";
    co_return answer(text, change);
  }
  Task<Controlled<ChangeResult>> reload() override { co_return answer("reload", change); }
  Task<Controlled<ChangeResult>> preview(std::string path, std::string text) override {
    co_return answer("preview " + path + " " + text, change);
  }
  Controlled<void> drain(const std::string& link) override { return done("drain " + link); }
  Controlled<void> resume(const std::string& link) override { return done("resume " + link); }
  Task<Controlled<Readiness>> readiness(std::string link) override {
    co_return answer("ready " + link, ready);
  }
  std::string wiring_json() override { return wiring; }

  void subscribe(EventListener& listener) override { listeners.push_back(&listener); }
  void unsubscribe(EventListener& listener) override { std::erase(listeners, &listener); }

  void tell(const std::string& name, const std::string& json) {
    ++number_;
    for (auto* listener : std::vector(listeners)) listener->on_event({number_, name, json});
  }

 private:
  template <class T>
  Controlled<T> answer(std::string what, const T& value) {
    told.push_back(std::move(what));
    if (refuses) return std::unexpected(*refuses);
    return value;
  }
  Controlled<void> done(std::string what) {
    told.push_back(std::move(what));
    if (refuses) return std::unexpected(*refuses);
    return {};
  }

  std::uint64_t number_ = 0;
};

}  // namespace amb::test
