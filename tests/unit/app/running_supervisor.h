// SPDX-License-Identifier: Apache-2.0
//
// A supervisor with a real log and real sockets on loopback; its control thread is the test's.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/supervisor.h"
#include "unit/support/redirected.h"
#include "unit/support/sockets.h"

namespace amb::test {

inline Link link_from(const SocketAddress& listen, const SocketAddress& upstream) {
  return {.name = "link",
          .listen = {listen},
          .targets = {{.text = "target", .port = upstream.port(), .address = upstream}},
          .origins = {{Origin::Kind::variable, "LINK_PORT_1_TCP"}}};
}

class RunningSupervisor {
 public:
  explicit RunningSupervisor(std::vector<Link> links, unsigned workers = 2, std::size_t max_sessions = 100)
      : links_(std::move(links)),
        supervisor_(Supervisor::open(io_, {links_, workers, max_sessions}, journal_)) {}
  ~RunningSupervisor() {
    if (supervisor_) supervisor_->stop_workers();
  }
  RunningSupervisor(const RunningSupervisor&) = delete;
  RunningSupervisor& operator=(const RunningSupervisor&) = delete;

  bool is_open() const { return supervisor_ != nullptr; }
  Supervisor* operator->() { return supervisor_.get(); }
  boost::asio::io_context& io() { return io_; }
  LinkTable& links() { return links_; }
  Journal& journal() { return journal_; }
  Log& log() { return log_; }

  /// Until every worker has taken in what it was told.
  void settle() {
    for (const auto& worker : supervisor_->workers()) {
      const auto done = std::make_shared<std::promise<void>>();  // for as long as the worker is at it
      worker->report(Worker::Detail::links, [done](const WorkerReport&) { done->set_value(); });
      done->get_future().get();
    }
  }

  /// Runs the control thread until `condition` holds.
  template <class Condition>
  bool run_until(Condition condition) {
    return eventually([&] { return poll_and(condition); });
  }

  /// Runs what the control thread has to do now, then asks.
  template <class Condition>
  bool poll_and(Condition condition) {
    io_.restart();
    io_.poll();
    return condition();
  }

  /// All records of `event` so far.
  std::vector<boost::json::value> records(const std::string& event) const {
    std::vector<boost::json::value> found;
    for (const std::string& line : error_.lines()) {
      boost::json::value value = boost::json::parse(line);
      if (value.at("event").as_string() == event) found.push_back(std::move(value));
    }
    return found;
  }

  /// The first record of `event`, as soon as there is one.
  boost::json::value record(const std::string& event) {
    EXPECT_TRUE(run_until([&] { return !records(event).empty(); })) << "nothing was said of " << event;
    return records(event).at(0);
  }

  /// Where the first link really listens: the tests let the kernel choose the port.
  SocketAddress address() {
    const std::string text(record("listening").at("address").as_string());
    const auto colon = text.rfind(':');
    return ip(text.substr(0, colon), parse_number<std::uint16_t>(text.substr(colon + 1)).value());
  }

 private:
  Captured error_{STDERR_FILENO};
  Log log_{LogFormat::json, LogLevel::debug};
  LinkTable links_;
  Journal journal_{log_, links_};
  boost::asio::io_context io_{1};
  std::unique_ptr<Supervisor> supervisor_;
};

}  // namespace amb::test
