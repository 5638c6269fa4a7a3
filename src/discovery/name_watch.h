// SPDX-License-Identifier: Apache-2.0
//
// One name, looked up again and again for as long as it lives. Keeps the last good answer whatever the
// resolver does; a name that has ceased to exist loses its addresses only after a grace period.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "discovery/name_lookup.h"
#include "net/address.h"

namespace amb {

class NameWatch {
 public:
  /// What changed with an answer.
  struct News {
    const NameWatch& watch;
    std::vector<SocketAddress> before;
    bool addresses_changed = false;
    bool began_to_fail = false;  ///< The first failure after a success, or the first answer of all.
    std::string error;
  };

  using OnAnswer = std::function<void(const News&)>;
  using LookUp = std::function<void(const std::string& name, std::move_only_function<void(NameAnswer)>)>;

  using Now = std::function<std::chrono::steady_clock::time_point()>;

  NameWatch(boost::asio::io_context& io, std::string name, LookUp look_up, OnAnswer on_answer,
            Now now = &std::chrono::steady_clock::now);

  /// Asks now, unless a question is under way; `on_answer` is called for every answer.
  void refresh();

  const std::string& name() const { return name_; }
  const std::vector<SocketAddress>& addresses() const { return addresses_; }
  bool has_answered() const { return has_answered_; }

  static constexpr std::chrono::seconds kShortestTtl{1};
  static constexpr std::chrono::seconds kLongestTtl{60};
  static constexpr std::chrono::seconds kEmptyGrace{30};

 private:
  void take(NameAnswer answer);
  void take_absence();
  void schedule(std::chrono::steady_clock::duration pause);

  boost::asio::steady_timer timer_;
  std::string name_;
  LookUp look_up_;
  OnAnswer on_answer_;
  Now now_;
  std::vector<SocketAddress> addresses_;
  std::optional<std::chrono::steady_clock::time_point> absent_since_;  ///< When "none" began.
  bool is_asking_ = false;
  bool is_failing_ = false;
  bool has_answered_ = false;
  std::chrono::seconds retry_{kShortestTtl};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For answers that come after our end.
};

}  // namespace amb
