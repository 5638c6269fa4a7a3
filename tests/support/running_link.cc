// SPDX-License-Identifier: Apache-2.0
#include "support/running_link.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>

#include "net/listening.h"
#include "support/peer.h"

namespace amb::test {

namespace {

std::string words(const std::vector<CloseReason>& reasons) {
  std::string text = "{";
  for (const CloseReason reason : reasons) text += " " + std::string(to_string(reason));
  return text + " }";
}

}  // namespace

std::size_t pipes_to_test() {
  const char* relay = std::getenv("AMB_TEST_RELAY");
  return relay != nullptr && std::string(relay) == "copy" ? 0 : 8;
}

std::size_t count_descriptors() {
  const auto entries = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::vector<Endpoint> plain_endpoints(const std::vector<SocketAddress>& addresses) {
  std::vector<Endpoint> endpoints;
  for (const SocketAddress& address : addresses) endpoints.push_back({.address = address});
  return endpoints;
}

Route leading(LinkId link, const std::vector<SocketAddress>& endpoints) {
  return {.link = link, .endpoints = plain_endpoints(endpoints)};
}

SocketAddress free_address() {
  const auto pid = static_cast<unsigned>(::getpid());
  const std::string ours = "127.1." + std::to_string(pid / 256 % 256) + "." + std::to_string(pid % 256);
  return Provider(*SocketAddress::from_ip(ours, 0)).address();
}

SocketAddress closed_address() {
  Provider provider;
  return provider.address();
}

bool is_refused(const SocketAddress& address) {
  const UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(fd.borrow(), address.raw(), address.raw_size()) != 0;
}

RunningLink::RunningLink(LinkSetup setup)
    : descriptors_before_(count_descriptors()), budget_(setup.max_sessions) {
  const SocketAddress any = setup.listen.value_or(*SocketAddress::from_ip("127.0.0.1", 0));
  auto bound = bind_listener(any, setup.workers);
  if (!bound || !start_listening(*bound)) {
    ADD_FAILURE() << "cannot listen";
    return;
  }
  address_ = bound->address;
  place_ = std::move(bound->place);
  const Route route{.link = 0,
                    .limits = setup.limits,
                    .spreading = setup.spreading,
                    .endpoints = setup.special.empty() ? plain_endpoints(setup.endpoints) : setup.special,
                    .is_settling = setup.is_settling,
                    .is_refusing = setup.is_refusing,
                    .has_names = setup.has_names,
                    .is_checked = setup.is_checked};
  for (unsigned i = 0; i < setup.workers; ++i) {
    auto worker = Worker::open({route}, budget_, *this, setup.pipes);
    if (!worker || !(*worker)->add_listener(0, 0, std::move(bound->sockets[i]))) {
      ADD_FAILURE() << "cannot open a worker";
      return;
    }
    if (setup.watches_loops) (*worker)->watch_loops(loop_watch_, setup.workers);
    workers_.push_back(std::move(*worker));
  }
  for (const auto& worker : workers_) worker->start();
}

RunningLink::~RunningLink() {
  EXPECT_TRUE(eventually([&] { return budget_.open() == 0; })) << budget_.open() << " sessions never ended";
  for (const auto& worker : workers_) worker->cut(CloseReason::removed);
  for (const auto& worker : workers_) worker->stop();
  collect();
  if (!failures_were_expected_) {
    EXPECT_EQ(words(failures_), "{ }") << "sessions failed that should not have";
  }
  workers_.clear();
  place_.give_up();
  EXPECT_LE(count_descriptors(), descriptors_before_) << "descriptors leaked";
}

void RunningLink::collect() {
  for (const auto& worker : workers_) {
    while (const auto notice = worker->take_notice()) {
      if (const auto* record = std::get_if<CloseRecord>(&*notice)) failures_.push_back(record->reason);
      if (std::holds_alternative<AcceptFailed>(*notice)) ++accept_failures_;
      if (const auto* failed = std::get_if<EndpointFailed>(&*notice)) suspects_.push_back(failed->endpoint);
      if (std::holds_alternative<EndpointEjected>(*notice)) ++ejections_;
      if (std::holds_alternative<EndpointBack>(*notice)) ++returns_;
      if (std::holds_alternative<LoopFound>(*notice)) ++loops_;
      if (const auto* limit = std::get_if<SessionLimitReached>(&*notice)) session_limit_ = *limit;
    }
  }
}

void RunningLink::expect_failures(std::vector<CloseReason> reasons) {
  failures_were_expected_ = true;
  std::ranges::sort(reasons);
  const bool as_expected = eventually([&] {
    collect();
    std::ranges::sort(failures_);
    return failures_.size() >= reasons.size();
  });
  EXPECT_TRUE(as_expected && failures_ == reasons)
      << "expected " << words(reasons) << ", got " << words(failures_);
}

void RunningLink::expect_only_failures_of(CloseReason reason) {
  failures_were_expected_ = true;
  collect();
  EXPECT_EQ(std::ranges::count(failures_, reason), std::ssize(failures_)) << words(failures_);
  EXPECT_FALSE(failures_.empty());
}

const std::vector<CloseReason>& RunningLink::failures() {
  failures_were_expected_ = true;
  collect();
  return failures_;
}

void RunningLink::expect_open_sessions(std::size_t count) {
  EXPECT_TRUE(eventually([&] { return budget_.open() == count; }))
      << "expected " << count << " sessions, there are " << budget_.open();
}

void RunningLink::expect_connected(std::size_t count) {
  EXPECT_TRUE(eventually([&] {
    std::size_t connected = 0;
    for (std::size_t worker = 0; worker < workers_.size(); ++worker) {
      for (const SessionReport& one : report(worker).sessions) connected += one.phase != Phase::connecting;
    }
    return connected == count && budget_.open() == count;
  })) << "expected "
      << count << " connected sessions of " << budget_.open();
}

void RunningLink::set_endpoints(const std::vector<SocketAddress>& endpoints) {
  update({.link = 0, .endpoints = plain_endpoints(endpoints)});
}

void RunningLink::update(RouteUpdate update) {
  for (const auto& worker : workers_) worker->update(update);
}

void RunningLink::cut_endpoint(const SocketAddress& endpoint) {
  for (const auto& worker : workers_) worker->cut_endpoint(0, endpoint);
}

void RunningLink::change(const Rewiring& rewiring) {
  std::vector<BoundListener> bound;
  for (const auto& opened : rewiring.opened) {
    auto listener = bind_listener(opened.address, static_cast<unsigned>(workers_.size()));
    if (!listener || !start_listening(*listener)) {
      ADD_FAILURE() << "cannot listen on " << opened.address.to_string();
      return;
    }
    bound.push_back(std::move(*listener));
  }
  for (std::size_t worker = 0; worker < workers_.size(); ++worker) {
    WiringChange change{.routes = rewiring.routes,
                        .opened = {},
                        .moved = rewiring.moved,
                        .closed = rewiring.closed,
                        .removed = rewiring.removed};
    for (std::size_t i = 0; i < bound.size(); ++i) {
      const auto& [id, link, address] = rewiring.opened[i];
      change.opened.push_back({id, link, std::move(bound[i].sockets[worker])});
    }
    workers_[worker]->change(std::move(change));
  }
  settle();
}

void RunningLink::settle() {
  for (const auto& worker : workers_) (void)ask(*worker, Worker::Detail::links);
}

void RunningLink::rewire(const std::vector<SocketAddress>& endpoints) {
  change({.routes = {leading(0, endpoints)}});
}

void RunningLink::cut_elsewhere() {
  for (const auto& worker : workers_) worker->cut_elsewhere(0);
  settle();
}

void RunningLink::cut_link(LinkId link) {
  for (const auto& worker : workers_) worker->cut_link(link);
  settle();
}

bool RunningLink::close_session(std::uint32_t number, std::size_t worker) {
  const auto was_there = std::make_shared<std::promise<bool>>();  // for as long as the worker is at it
  workers_[worker]->close_session(number, [was_there](bool told) { was_there->set_value(told); });
  return was_there->get_future().get();
}

WorkerReport RunningLink::ask(Worker& worker, Worker::Detail detail) {
  const auto report = std::make_shared<std::promise<WorkerReport>>();
  worker.report(detail, [report](WorkerReport told) { report->set_value(std::move(told)); });
  return report->get_future().get();
}

WorkerReport RunningLink::report(std::size_t worker) {
  return ask(*workers_[worker], Worker::Detail::sessions);
}

WorkerReport RunningLink::report_of_links() { return ask(*workers_[0], Worker::Detail::links); }
WorkerReport RunningLink::report_of_paths() { return ask(*workers_[0], Worker::Detail::paths); }

LinkReport RunningLink::link_report(LinkId link) {
  for (const LinkReport& one : report_of_links().links) {
    if (one.link == link) return one;
  }
  ADD_FAILURE() << "nothing is reported of link " << link;
  return {};
}

void RunningLink::drain() {
  for (const auto& worker : workers_) worker->drain();
}

void RunningLink::cut(CloseReason reason) {
  for (const auto& worker : workers_) worker->cut(reason);
}

}  // namespace amb::test
