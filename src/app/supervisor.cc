// SPDX-License-Identifier: Apache-2.0
#include "app/supervisor.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "net/unsent.h"

namespace amb {

namespace {

constexpr auto kUnsentLook = std::chrono::milliseconds(10);

/// Its endpoint has failed the session that it had.
bool is_lost(CloseReason reason) {
  return reason == CloseReason::upstream_reset || reason == CloseReason::upstream_dead;
}

}  // namespace

std::unique_ptr<Supervisor> Supervisor::open(boost::asio::io_context& io, const Plan& plan,
                                             Journal& journal) {
  std::unique_ptr<Supervisor> supervisor(new Supervisor(io, plan, journal));
  if (!supervisor->bind_all() || !supervisor->open_workers()) return nullptr;
  return supervisor;
}

Supervisor::Supervisor(boost::asio::io_context& io, const Plan& plan, Journal& journal)
    : io_(io),
      links_(plan.links),
      journal_(journal),
      pipes_per_worker_(plan.pipes_per_worker),
      most_(plan.most),
      recorded_percent_(plan.recorded_percent),
      has_glimpses_(plan.has_glimpses),
      traced_percent_(plan.traced_percent),
      budget_(plan.max_sessions),
      shares_(plan.links, plan.max_sessions),
      listeners_(plan.workers),
      worker_count_(plan.workers),
      unsent_timer_(io) {}

bool Supervisor::bind_all() {
  const std::vector<Link> links = links_.live_links();
  auto staged = listeners_.stage(links);
  if (staged) {
    first_.bound = std::move(staged->bound);
    return true;
  }
  for (const auto& failure : staged.error())
    journal_.listen_failed(links[failure.link], failure.address, failure.error);
  return false;
}

ListenerSet::Change Supervisor::commit(ListenerSet::Staged staged) {
  std::vector<ListenerSet::Wanted> wanted;
  for (const std::size_t link : links_.live()) wanted.push_back({link, links_[link].listen});
  return listeners_.commit(std::move(staged), wanted);
}

bool Supervisor::open_workers() {
  endpoints_ = std::make_unique<EndpointKeeper>(io_, links_, first_addresses(), journal_,
                                                static_cast<EndpointKeeperEvents&>(*this), most_);
  for (unsigned i = 0; i < worker_count_; ++i) {
    std::vector<Route> routes;
    for (const std::size_t link : links_.live()) routes.push_back(route(link));
    auto worker = Worker::open(std::move(routes), budget_, *this, pipes_per_worker_);
    if (!worker) {
      journal_.cannot_start(worker.error().message());
      return false;
    }
    workers_.push_back(std::move(*worker));
    workers_.back()->watch_loops(loop_watch_, worker_count_);
    workers_.back()->record_ends(recorded_percent_);
    workers_.back()->glimpse(has_glimpses_);
    if (traced_percent_) workers_.back()->trace_ends(*traced_percent_);
  }
  return true;
}

std::vector<SocketAddress> Supervisor::first_addresses() const {
  std::vector<SocketAddress> addresses;
  for (const auto& one : first_.bound) addresses.push_back(one.listener.address);
  return addresses;
}

std::vector<SocketAddress> Supervisor::own_places() const {
  std::vector<SocketAddress> places = listeners_.addresses();
  places.insert(places.end(), control_.begin(), control_.end());
  return places;
}

Route Supervisor::route(std::size_t link) {
  Route route = endpoints_->route(link);
  route.share = &shares_.of(link);
  return route;
}

void Supervisor::set_max_sessions(std::size_t most) {
  budget_.set_most(most);
  shares_.share_out(most);
}

bool Supervisor::start() {
  if (const auto listening = ListenerSet::listen(first_); !listening) {
    const auto& failure = listening.error();
    journal_.listen_failed(links_[links_.live()[failure.link]], failure.address, failure.error);
    return false;
  }
  for (auto& opened : commit(std::move(first_)).opened) {
    if (!hand_out(opened)) return false;
    journal_.listening(opened.link, opened.address);
  }
  for (const auto& worker : workers_) worker->start();
  endpoints_->set_listeners(own_places());
  endpoints_->start();
  return true;
}

bool Supervisor::hand_out(ListenerSet::Opened& opened) {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    auto added =
        workers_[i]->add_listener(opened.id, static_cast<LinkId>(opened.link), std::move(opened.sockets[i]));
    if (added) continue;
    journal_.listen_failed(links_[opened.link], opened.address, added.error());
    return false;
  }
  return true;
}

void Supervisor::change(const Change& change, ListenerSet::Staged staged) {
  ListenerSet::Change listeners = commit(std::move(staged));
  endpoints_->set_listeners(own_places());
  for (const std::size_t link : change.put) endpoints_->put(link);
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    WiringChange for_worker{.routes = {},
                            .opened = {},
                            .moved = listeners.moved,
                            .closed = listeners.closed,
                            .removed = {change.removed.begin(), change.removed.end()}};
    for (const std::size_t link : change.put) for_worker.routes.push_back(route(link));
    for (auto& opened : listeners.opened)
      for_worker.opened.push_back(
          {opened.id, static_cast<LinkId>(opened.link), std::move(opened.sockets[i])});
    workers_[i]->change(std::move(for_worker));
  }
  for (const auto& opened : listeners.opened) journal_.listening(opened.link, opened.address);
  for (const std::size_t link : change.removed) end_sessions_of(link);
  for (const std::size_t link : change.put) {
    if (LinkResolver::has_names(links_[link])) endpoints_->want(link);
  }
}

/// As the link's on_rewire says.
void Supervisor::end_sessions_of(std::size_t link) {
  endpoints_->remove(link);
  Leaving& leaving = leaving_[link];
  const SessionFate& fate = links_[link].options.on_rewire;
  if (fate.kind == SessionFate::Kind::keep) return;
  const auto cut = [this, id = static_cast<LinkId>(link)] {
    for (const auto& worker : workers_) worker->cut_link(id);
  };
  if (fate.kind == SessionFate::Kind::cut) return cut();
  leaving.deadline = std::make_unique<boost::asio::steady_timer>(io_, fate.drain);
  leaving.deadline->async_wait([cut](const boost::system::error_code& error) {
    if (!error) cut();
  });
}

void Supervisor::on_link_gone(LinkId link) {
  boost::asio::post(io_, [this, link] {
    if (++leaving_[link].workers_done == workers_.size()) forget(link);
  });
}

/// No session of it is left anywhere: its number may be another link's.
void Supervisor::forget(LinkId link) {
  flush_notices();
  leaving_.erase(link);
  endpoints_->forget(link);
  shares_.forget(link);
  links_.forget(link);
}

void Supervisor::drain(std::move_only_function<void()> on_drained) {
  on_all_drained_ = std::move(on_drained);
  listeners_.give_up_paths();  // before the workers close: whoever has got through is still taken
  for (const auto& worker : workers_) worker->drain();
}

std::size_t Supervisor::cut(CloseReason reason) {
  const std::size_t sessions = budget_.open();
  listeners_.give_up_paths();
  for (const auto& worker : workers_) worker->cut(reason);
  return sessions;
}

std::optional<SteadyTime> Supervisor::full_since() {
  if (budget_.has_room()) {
    full_since_.reset();
  } else if (!full_since_) {
    full_since_ = std::chrono::steady_clock::now();
  }
  return full_since_;
}

void Supervisor::pass_on(const Notice& notice) {
  if (std::holds_alternative<SessionLimitReached>(notice)) (void)full_since();
  journal_.notice(notice);
  if (const auto* failed = std::get_if<EndpointFailed>(&notice))
    endpoints_->suspect(failed->link, failed->endpoint);
  const auto* record = std::get_if<CloseRecord>(&notice);
  if (record != nullptr && is_lost(record->reason)) endpoints_->suspect(record->link, record->upstream);
  if (record != nullptr && record->is_traced && traces_ != nullptr)
    traces_->add(*record, links_[record->link].name);
}

void Supervisor::flush_notices() {
  std::uint64_t dropped = 0;
  for (const auto& worker : workers_) {
    while (const auto notice = worker->take_notice()) pass_on(*notice);
    dropped += worker->dropped_notices();
  }
  journal_.lost_lines(dropped);
}

void Supervisor::stop_workers() {
  for (const auto& worker : workers_) worker->stop();
  flush_notices();  // the threads have ended: these are the last
  workers_.clear();
}

void Supervisor::on_notices() {
  boost::asio::post(io_, [this] { flush_notices(); });
}

void Supervisor::on_resolve_wanted(LinkId link) {
  boost::asio::post(io_, [this, link] { endpoints_->want(link); });
}

void Supervisor::on_drained() {
  boost::asio::post(io_, [this] {
    if (++workers_drained_ == workers_.size()) await_unsent();
  });
}

std::vector<std::uint16_t> Supervisor::our_ports() const {
  std::vector<std::uint16_t> ports;
  for (const SocketAddress& address : listeners_.addresses()) ports.push_back(address.port());
  ports.insert(ports.end(), endpoints_->dialled_ports().begin(), endpoints_->dialled_ports().end());
  return ports;
}

/// The sessions are closed, but their last bytes may still be in the kernel.
void Supervisor::await_unsent() {
  if (unsent_sockets(our_ports()) == 0) return on_all_drained_();
  unsent_timer_.expires_after(kUnsentLook);
  unsent_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) await_unsent();
  });
}

void Supervisor::on_route(const RouteUpdate& update) {
  for (const auto& worker : workers_) worker->update(update);
}

void Supervisor::on_elsewhere_cut(LinkId link) {
  for (const auto& worker : workers_) worker->cut_elsewhere(link);
}

void Supervisor::on_endpoint_cut(LinkId link, const SocketAddress& endpoint) {
  for (const auto& worker : workers_) worker->cut_endpoint(link, endpoint);
}

}  // namespace amb
