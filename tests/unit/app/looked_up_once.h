// SPDX-License-Identifier: Apache-2.0
//
// A resolver that the test writes: names and services, those that fail, and those about which nobody speaks.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "discovery/link_resolver.h"
#include "unit/support/sockets.h"

namespace amb::test {

class NamesOnce {
 public:
  explicit NamesOnce(boost::asio::io_context& io) : io_(io) {}

  LookUpsOnce look_ups() {
    const auto address = [this](const auto& request, OnAnswer<SocketAddress> on_answer) {
      answer(addresses, request, std::move(on_answer));
    };
    const auto service = [this](const auto& request, OnAnswer<ServiceRecord> on_answer) {
      answer(servers, request, std::move(on_answer));
    };
    return {.name = address,
            .service = {.service = service, .host = address},
            .list = [this](const std::vector<Target>& targets, const KnownNames& known) {
              return list_endpoints(targets, known, {.listeners = listeners, .own = {}, .before = {}});
            }};
  }

  std::map<std::string, std::vector<SocketAddress>> addresses;
  std::map<std::string, std::vector<ServiceRecord>> servers;
  std::map<std::string, std::string> failures;  ///< In words.
  std::set<std::string> silent;
  std::vector<SocketAddress> listeners;  ///< Our own.
  std::vector<std::string> asked;
  std::vector<std::weak_ptr<const Urgency>> urgencies;

 private:
  template <class Record>
  void answer(const std::map<std::string, std::vector<Record>>& known, const LookUpRequest<Record>& request,
              OnAnswer<Record> on_answer) {
    asked.push_back(request.name);
    urgencies.push_back(request.urgency);
    if (silent.contains(request.name)) {
      kept_.push_back([on_answer = std::move(on_answer)] {});
      return;
    }
    Answer<Record> answer{.kind = Answer<Record>::Kind::none, .records = {}, .error = {}};
    if (const auto failure = failures.find(request.name); failure != failures.end()) {
      answer.kind = Answer<Record>::Kind::failed;
      answer.error = failure->second;
    }
    if (const auto found = known.find(request.name); found != known.end()) {
      answer.kind = Answer<Record>::Kind::found;
      answer.records = found->second;
    }
    boost::asio::post(io_, [on_answer = std::move(on_answer), answer = std::move(answer)]() mutable {
      on_answer(std::move(answer));
    });
  }

  boost::asio::io_context& io_;
  std::vector<std::move_only_function<void()>> kept_;  ///< Questions that are waiting for ever.
};

}  // namespace amb::test
