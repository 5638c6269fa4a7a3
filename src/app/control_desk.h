// SPDX-License-Identifier: Apache-2.0
//
// Answers what the control API asks, out of everything that runs. On the control thread; what only workers
// know they are asked for.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "admin/control.h"
#include "admin/metrics.h"
#include "app/event_hub.h"
#include "app/live_wiring.h"
#include "app/supervisor.h"
#include "app/trace_exporter.h"
#include "wiring/link_table.h"

namespace amb {

class ControlDesk final : public Control {
 public:
  struct Parts {
    boost::asio::io_context& io;
    const LinkTable& links;
    Supervisor& supervisor;
    LiveWiring& wiring;
    EventHub& events;
    const TraceExporter* traces = nullptr;  ///< Null when there are none.
  };

  /// `config_path` says which file of links there is now; empty for none.
  explicit ControlDesk(
      const Parts& parts, std::function<std::string()> config_path = [] { return std::string(); })
      : parts_(parts), config_path_(std::move(config_path)) {}

  void set_stopping() { stopping_since_ = std::chrono::steady_clock::now(); }

  Task<ProgramStatus> status() override;
  Task<Metrics> metrics() override;
  Task<Controlled<SessionList>> sessions(SessionQuery query) override;
  Task<Controlled<void>> close_session(std::string id) override;
  Task<Controlled<WhyAnswer>> why(std::string link) override;

  Task<Controlled<ChangeResult>> rewire(RewireRequest request) override;
  Task<Controlled<ChangeResult>> reload() override { return parts_.wiring.reload("command"); }
  Task<Controlled<ChangeResult>> preview(std::string path, std::string text) override {
    return parts_.wiring.preview(std::move(path), std::move(text));
  }
  Controlled<void> drain(const std::string& link) override { return parts_.wiring.set_drained(link, true); }
  Controlled<void> resume(const std::string& link) override { return parts_.wiring.set_drained(link, false); }
  Task<Controlled<Readiness>> readiness(std::string link) override;
  std::string wiring_json() override;
  void subscribe(EventListener& listener) override { parts_.events.subscribe(listener); }
  void unsubscribe(EventListener& listener) override { parts_.events.unsubscribe(listener); }

 private:
  using Reports = std::vector<WorkerReport>;

  Task<Reports> ask_workers(Worker::Detail detail);
  std::uint64_t former_sessions(const std::string& link, const std::vector<SocketAddress>& addresses,
                                const Reports& reports) const;
  using Standings = std::vector<std::pair<std::string, Standing>>;

  ProgramStatus status_of(const Reports& reports);
  static std::vector<ProtocolMetrics> protocol_metrics(const Reports& reports);
  LinkMetrics metrics_of(std::size_t link, const Reports& reports) const;
  LinkStatus status_of(std::size_t link, const Standing& standing, const Reports& reports);
  std::vector<EndpointStatus> endpoints_of(std::size_t link, const Reports& reports);
  /// Of each link's standing, and of the program's, there is no other source.
  Standing standing_of(std::size_t link, const Reports& reports);
  Standings standings(const Reports& reports);  ///< Of the live links, in their order.
  Standing standing_of_all(Standings links) const;

  Parts parts_;
  std::function<std::string()> config_path_;
  std::optional<SteadyTime> stopping_since_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::uint64_t started_at_s_ = static_cast<std::uint64_t>(
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));  ///< Since 1970.
};

}  // namespace amb
