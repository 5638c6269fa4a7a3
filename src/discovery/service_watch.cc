// SPDX-License-Identifier: Apache-2.0
#include "discovery/service_watch.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "discovery/fair_share.h"

namespace amb {

namespace {

bool names(const std::vector<ServiceRecord>& records, const std::string& host) {
  return std::ranges::find(records, host, &ServiceRecord::host) != records.end();
}

}  // namespace

ServiceWatch::ServiceWatch(boost::asio::io_context& io, const std::string& name, WatchSettings settings,
                           LookUps look_ups, OnNews on_news, WatchClock now,
                           std::shared_ptr<WatchCrowd> crowd)
    : io_(io),
      settings_(settings),
      look_up_host_(std::move(look_ups.host)),
      on_news_(std::move(on_news)),
      now_(std::move(now)),
      crowd_(std::move(crowd)),
      service_(
          io, name, settings, std::move(look_ups.service), [this](const auto& news) { on_service(news); },
          now_, crowd_) {}

Refresh ServiceWatch::refresh(Urgency urgency) {
  if (service_.refresh(urgency) == Refresh::answer_follows) awaited_.insert(service_.name());
  for (const auto& [host, watch] : hosts_) {
    if (watch->refresh(urgency) == Refresh::answer_follows) awaited_.insert(host);
  }
  return awaited_.empty() ? Refresh::is_known : Refresh::answer_follows;
}

void ServiceWatch::outdate() {
  service_.outdate();
  for (const auto& [host, watch] : hosts_) watch->outdate();
}

std::vector<ServiceServer> ServiceWatch::servers() const {
  std::vector<std::size_t> sizes;
  for (const ServiceRecord& record : current_) sizes.push_back(hosts_.at(record.host)->records().size());
  const std::size_t share = fair_share(sizes, kEndpointsOfALink);
  std::vector<ServiceServer> servers;
  for (const ServiceRecord& record : current_) {
    ServiceServer server{.record = record, .addresses = hosts_.at(record.host)->records()};
    const std::size_t all = server.addresses.size();
    keep_same(server.addresses, share);
    server.left_out = all - server.addresses.size();
    servers.push_back(std::move(server));
  }
  return servers;
}

std::vector<SocketAddress> ServiceWatch::addresses() const {
  std::vector<SocketAddress> all;
  for (const auto& [record, addresses, left_out] : servers()) {
    for (const SocketAddress& address : addresses) all.push_back(address.with_port(record.port));
  }
  return all;
}

void ServiceWatch::on_service(const Watch<ServiceRecord>::News& news) {
  awaited_.erase(service_.name());
  watch_hosts();
  adopt();
  tell(service_.name(), news.began_to_fail, news.error);
}

void ServiceWatch::on_host(const NameWatch::News& news) {
  const std::string host = news.watch.name();
  awaited_.erase(host);
  adopt();
  tell(host, news.began_to_fail, news.error);
}

void ServiceWatch::watch_hosts() {
  for (const ServiceRecord& record : service_.records()) {
    auto& watch = hosts_[record.host];
    if (watch) continue;
    watch = std::make_unique<NameWatch>(
        io_, record.host, settings_, look_up_host_, [this](const auto& news) { on_host(news); }, now_,
        crowd_);
    awaited_.insert(record.host);
    (void)watch->refresh(Urgency::due);
  }
}

void ServiceWatch::adopt() {
  if (may_adopt()) current_ = service_.records();
  drop_hosts();
}

bool ServiceWatch::may_adopt() const {
  const Records& pending = service_.records();
  const auto all = [&](auto holds) {
    return std::ranges::all_of(pending, [&](const auto& record) { return holds(*hosts_.at(record.host)); });
  };
  if (!all([](const NameWatch& host) { return host.has_answered(); })) return false;
  // Hosts that cannot be looked up are no reason to give up those that could.
  return has_addresses(pending) || !has_addresses(current_) ||
         all([](const NameWatch& host) { return host.is_gone(); });
}

bool ServiceWatch::has_addresses(const Records& records) const {
  return std::ranges::any_of(
      records, [this](const auto& record) { return !hosts_.at(record.host)->records().empty(); });
}

/// One of them may be the caller: they end later.
void ServiceWatch::drop_hosts() {
  for (auto host = hosts_.begin(); host != hosts_.end();) {
    const auto& name = host->first;
    if (names(service_.records(), name) || names(current_, name)) {
      ++host;
      continue;
    }
    awaited_.erase(name);
    boost::asio::post(io_, [dropped = std::move(host->second)] {});
    host = hosts_.erase(host);
  }
}

void ServiceWatch::tell(const std::string& name, bool began_to_fail, const std::string& error) {
  News news{.before = std::exchange(told_, addresses()),
            .now = told_,
            .began_to_fail = began_to_fail,
            .failing = name,
            .error = error,
            .is_settled = awaited_.empty()};
  news.has_moved =
      news.before.size() != news.now.size() || !std::ranges::is_permutation(news.before, news.now);
  on_news_(news);
}

}  // namespace amb
