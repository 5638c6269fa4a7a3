// SPDX-License-Identifier: Apache-2.0
//
// Where a scenario is played: a provider, a link to it on one worker, and the conversations through it. Keeps
// a list of everything that should not have been.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "faults/conversation.h"
#include "faults/fault.h"
#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {

enum class RelayKind : std::uint8_t { copy, splice };

struct StageSetup {
  RelayKind relay = RelayKind::copy;
  std::size_t max_sessions = 100;
  bool refuses_first = false;  ///< The link's first endpoint refuses, the second is the provider.
  bool is_disturbed = false;   ///< A session may break.
  /// The worker closes by reset, and cannot know whether the peer had its end before.
  bool is_end_uncertain = false;
};

class Stage {
 public:
  explicit Stage(const StageSetup& setup);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  RunningLink& link() { return *link_; }

  /// A consumer comes. Its provider joins once the link has got through to it.
  Conversation& opens();

  /// Lets everyone talk until `condition` holds or all conversations are over; a deadline of ten seconds.
  void until(const std::function<bool()>& condition);
  void until_all_over() {
    until([] { return false; });
  }
  /// For something that is not on the way, such as what a worker reports.
  void until_true(const std::function<bool()>& condition);

  /// What must hold unless the fault may break sessions.
  void undisturbed(bool holds, const std::string& sentence);

  /// Waits for the settled state and checks what holds for every run.
  void settles();
  /// A fresh session must be served as if nothing had been.
  void serves_another();
  std::vector<std::string> close();  ///< Takes the link down; every complaint.

 private:
  void turn();
  void take_visitors();
  bool is_over(const Conversation& conversation) const;
  bool are_all_over();
  bool is_late() const { return std::chrono::steady_clock::now() > deadline_; }
  void judge(const Conversation& conversation);
  void judge_direction(const End& from, const End& to, const std::string& what);
  void complain(const std::string& sentence) { complaints_.push_back(sentence); }

  StageSetup setup_;
  std::chrono::steady_clock::time_point deadline_;
  Provider provider_;
  UniqueFd refuser_;  ///< Has a port and does not listen.
  std::optional<RunningLink> link_;
  std::deque<Conversation> conversations_;  ///< In the order of their consumers.
  std::vector<std::string> complaints_;
};

}  // namespace amb::test
