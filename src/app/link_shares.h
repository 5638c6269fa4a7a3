// SPDX-License-Identifier: Apache-2.0
//
// How many of the program's sessions each link may have: what its max_sessions says, or all but a tenth,
// which stays for the others. A link that is alone may have them all. The workers count in what this lends
// them.
//
// On the control thread; a budget is the workers' until forget().
#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include "proxy/session_budget.h"
#include "wiring/link_table.h"

namespace amb {

class LinkShares {
 public:
  LinkShares(const LinkTable& links, std::size_t most) : links_(links), most_(most) { share_out(); }

  /// After the links have changed, or what the program may have.
  void share_out(std::size_t most);
  void forget(std::size_t link) { shares_.erase(link); }

  /// Of a link that lives, or whose last sessions do.
  SessionBudget& of(std::size_t link) { return *shares_.at(link); }
  std::size_t most(std::size_t link) const { return shares_.at(link)->most(); }

 private:
  void share_out();

  const LinkTable& links_;
  std::size_t most_;
  std::map<std::size_t, std::unique_ptr<SessionBudget>> shares_;
};

}  // namespace amb
