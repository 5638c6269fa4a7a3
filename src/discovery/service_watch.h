// SPDX-License-Identifier: Apache-2.0
//
// One service, looked up again and again: its SRV records, and the addresses of every host that they name.
//
//     Watch<ServiceRecord> ──new records──▶ pending ──their hosts have answered──▶ current
//     NameWatch per host of pending and current
//
// New records replace the old ones only once their hosts have addresses, so that a server that is added never
// takes the others away, however long its own look-up takes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "discovery/endpoint_list.h"
#include "discovery/name_watch.h"

namespace amb {

class ServiceWatch {
 public:
  /// What changed with an answer about the service or one of its hosts.
  struct News {
    std::vector<SocketAddress> before;  ///< All servers, as they are dialled.
    std::vector<SocketAddress> now;
    bool has_moved = false;      ///< Other addresses; weights and priorities do not count.
    bool began_to_fail = false;  ///< The look-up of `failing`.
    std::string failing;
    std::string error;
    bool is_settled = false;  ///< Everything that was asked for has been answered.
  };
  using OnNews = std::function<void(const News&)>;
  struct LookUps {
    Watch<ServiceRecord>::LookUp service;
    NameWatch::LookUp host;
  };

  ServiceWatch(boost::asio::io_context& io, const std::string& name, WatchSettings settings, LookUps look_ups,
               OnNews on_news, WatchClock now = &std::chrono::steady_clock::now,
               std::shared_ptr<WatchCrowd> crowd = std::make_shared<WatchCrowd>());

  Refresh refresh(
      Urgency urgency = Urgency::wanted);  ///< Of all there is; the news that is settled is its answer.
  void outdate();

  const Watch<ServiceRecord>& service() const { return service_; }
  /// By priority; a host without an address is among them. Where all have more addresses than a link may have
  /// endpoints, each has its fair share of them.
  std::vector<ServiceServer> servers() const;

 private:
  using Records = std::vector<ServiceRecord>;

  void on_service(const Watch<ServiceRecord>::News& news);
  void on_host(const NameWatch::News& news);
  void watch_hosts();
  void adopt();
  bool may_adopt() const;
  bool has_addresses(const Records& records) const;
  void drop_hosts();
  void tell(const std::string& name, bool began_to_fail, const std::string& error);
  std::vector<SocketAddress> addresses() const;

  boost::asio::io_context& io_;
  WatchSettings settings_;
  NameWatch::LookUp look_up_host_;
  OnNews on_news_;
  WatchClock now_;
  std::shared_ptr<WatchCrowd> crowd_;
  Watch<ServiceRecord> service_;
  std::map<std::string, std::unique_ptr<NameWatch>> hosts_;
  Records current_;
  std::vector<SocketAddress> told_;
  std::set<std::string>
      awaited_;  ///< Names whose answer a refresh() waits for: hosts, and the service's own.
};

}  // namespace amb
