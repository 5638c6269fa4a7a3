// SPDX-License-Identifier: Apache-2.0
//
// Knows for each link where its sessions may go right now: what the resolver found, and which of that the
// checks found well. Tells the workers through its events whenever that changes, and the journal why. On the
// control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/journal.h"
#include "app/standing.h"
#include "discovery/link_resolver.h"
#include "health/health_monitor.h"
#include "proxy/route.h"
#include "wiring/link_table.h"

namespace amb {

class EndpointKeeperEvents {
 public:
  virtual void on_route(const RouteUpdate& update) = 0;
  /// The sessions at this endpoint shall end: it is down, and the link's on_down says so.
  virtual void on_endpoint_cut(LinkId link, const SocketAddress& endpoint) = 0;
  /// So shall those at endpoints that the link leads to no longer.
  virtual void on_elsewhere_cut(LinkId link) = 0;

 protected:
  ~EndpointKeeperEvents() = default;
};

/// Shares of the descriptors.
struct AtOnce {
  std::size_t checks = HealthMonitor::kMostChecks;
  std::size_t look_up_sockets = LinkResolver::kMostSockets;
};

class EndpointKeeper final : private LinkResolverEvents, private HealthEvents {
 public:
  /// What is known of one endpoint, for people.
  struct Known {
    ResolvedEndpoint endpoint;
    Health health = Health::unknown;
    std::string why;  ///< Of its last change of health.
  };

  EndpointKeeper(boost::asio::io_context& io, const LinkTable& links, std::vector<SocketAddress> listeners,
                 Journal& journal, EndpointKeeperEvents& events, AtOnce most = {});

  Route route(std::size_t link);  ///< What is known without asking anybody.
  void start();                   ///< Begins to look names up and to check.

  /// The table has a new link, or another one under this number. Tells nothing: route() has it.
  void put(std::size_t link);
  void set_listeners(std::vector<SocketAddress> listeners) { resolver_.set_listeners(std::move(listeners)); }
  void remove(std::size_t link);  ///< From the wiring; its sessions may go on.
  void forget(std::size_t link);  ///< It has none any more.
  void set_drained(std::size_t link, bool is_drained);
  bool is_drained(std::size_t link) const { return states_.at(link).is_drained; }

  /// What becomes of the sessions at endpoints that the link leads to no longer: as soon as it is known where
  /// it leads. The last word counts.
  void end_elsewhere(std::size_t link, const SessionFate& fate);

  bool is_checked(std::size_t link) const { return options(link).health.kind != HealthOptions::Kind::none; }
  std::vector<Known> known(std::size_t link) const;
  std::size_t left_out(std::size_t link) const { return resolver_.left_out(link); }
  std::vector<LinkResolver::NameStatus> names() const { return resolver_.names(); }
  /// "up", "down", "drained" or, for at most kSettling, "settling": it is not known yet whether any endpoint
  /// is up. Of what is known of names and by checks; what sessions meet is not in it.
  Standing standing(std::size_t link);
  static constexpr std::chrono::seconds kSettling{5};
  /// A session of the link could not reach this endpoint, or lost it: if it is checked, it is asked at once.
  void suspect(std::size_t link, const CompactAddress& endpoint);
  void want(std::size_t link);  ///< A route that is_answer follows once its names have answered anew.

  LookUpsOnce look_ups_once() { return resolver_.look_ups_once(); }

  /// Of every endpoint that sessions have been led to so far; those of SRV records are known nowhere else.
  const std::set<std::uint16_t>& dialled_ports() const { return dialled_ports_; }

 private:
  /// A down endpoint whose sessions have a while to end.
  struct Draining {
    std::size_t link;
    SocketAddress endpoint;
    std::unique_ptr<boost::asio::steady_timer> deadline;
  };
  struct State {
    std::vector<ResolvedEndpoint> endpoints;
    std::map<std::string, std::unique_ptr<SessionBudget>> budgets;  ///< By address, until forget().
    std::shared_ptr<TurnCounter> turns = std::make_shared<TurnCounter>(0);
    std::map<std::string, std::string> reasons;  ///< By address: of the last change of health.
    std::string word;                            ///< Of standing(), as last seen,
    SteadyTime since;                            ///< and since when.
    std::optional<SteadyTime> unknown_since;     ///< Whether any endpoint is up.
    bool was_available = true;                   ///< As last told.
    bool is_drained = false;
    bool has_answered = false;  ///< Its names have, since put().
    bool awaits_names =
        false;              ///< It was put to names that nobody had: sessions wait, too, and are not refused.
    bool is_fresh = false;  ///< It was put to endpoints whose first checks are not over: the same.
    std::optional<SessionFate> fate_elsewhere;  ///< Waits for that.
    std::unique_ptr<boost::asio::steady_timer> deadline_elsewhere;
  };
  enum class Cause : bool { change, answer };
  static constexpr std::size_t kMostNameErrors = 4096;

  // LinkResolverEvents
  void on_endpoints(std::size_t link, const std::vector<ResolvedEndpoint>& endpoints) override;
  void on_moved(const std::string& name, const std::vector<SocketAddress>& was,
                const std::vector<SocketAddress>& now) override {
    journal_.moved(name, was, now);
  }
  void on_resolve_failed(const std::string& name, const std::string& error, bool keeps_addresses) override {
    if (name_errors_.size() >= kMostNameErrors) name_errors_.clear();  // of names that are long gone
    name_errors_[name] = error;
    journal_.resolve_failed(name, error, keeps_addresses);
  }
  void on_refused(std::size_t link, const EndpointList::Refused& refused) override {
    journal_.refused(link, refused);
  }
  void on_left_out(std::size_t link, std::size_t endpoints) override { journal_.left_out(link, endpoints); }
  void on_watch_failed(const std::string& path, const std::string& error) override {
    journal_.watch_failed(path, error);
  }

  // HealthEvents
  void on_health(std::size_t link, const SocketAddress& endpoint, Health now,
                 const std::string& said) override;

  const LinkOptions& options(std::size_t link) const { return links_[link].options; }
  void set_endpoints(std::size_t link, const std::vector<ResolvedEndpoint>& endpoints);
  void check(std::size_t link);
  void tell(std::size_t link, Cause cause);
  void tell_journal(std::size_t link, const RouteUpdate& update);
  RouteUpdate update_of(std::size_t link, Cause cause);
  void note_word(std::size_t link, const RouteUpdate& update);
  std::string why_none_is_up(std::size_t link) const;
  Endpoint endpoint_of(std::size_t link, const ResolvedEndpoint& resolved, Health health);
  SessionBudget* budget_of(std::size_t link, const SocketAddress& endpoint);
  void end_sessions(std::size_t link, const SocketAddress& endpoint);
  void let_sessions_stay(std::size_t link, const SocketAddress& endpoint);
  void end_elsewhere_now(std::size_t link);

  boost::asio::io_context& io_;
  const LinkTable& links_;
  Journal& journal_;
  EndpointKeeperEvents& events_;
  std::map<std::size_t, State> states_;  ///< By link.
  std::set<std::uint16_t> dialled_ports_;
  std::vector<Draining> draining_;
  std::map<std::string, std::string> name_errors_;  ///< By name: of the look-up that failed last.
  LinkResolver resolver_;
  HealthMonitor monitor_;
};

}  // namespace amb
