// SPDX-License-Identifier: Apache-2.0
//
// The wiring while it runs: what its sources declare, what has been rewired since, and the way from one to
// the next. A change is a transaction: read, judge, bind what is new, and only then tell the workers; on any
// failure nothing has changed. On the control thread, which does not wait while the sources are read.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/control.h"
#include "app/journal.h"
#include "app/reading.h"
#include "app/supervisor.h"
#include "app/target_examiner.h"
#include "wiring/link_table.h"
#include "wiring/listener_index.h"
#include "wiring/plan.h"

namespace amb {

class LiveWiring {
 public:
  template <class T>
  using Task = boost::asio::awaitable<T>;

  struct Sources {
    /// Everything that can hold wiring, as it is now, and what follows from it. With a text, that stands for
    /// the file of links.
    std::function<Task<std::expected<Reading, Problem>>(std::optional<ConfigText>)> read;
    /// How many sessions the descriptor limit leaves room for beside these links.
    std::function<std::size_t(const std::vector<Link>&)> most_sessions;
    /// Checks a link's targets, within about so long.
    std::function<Task<Examination>(Link, std::chrono::milliseconds)> examine;
  };

  /// `links` are what the sources declared at the start, and run.
  LiveWiring(LinkTable& links, Supervisor& supervisor, Journal& journal, Sources sources);

  /// Reads all sources again. `cause` is for the log: "SIGHUP", "file", "command".
  Task<Controlled<ChangeResult>> reload(std::string cause);
  /// What reload() would do if the file of links held `text`.
  Task<Controlled<ChangeResult>> preview(std::string path, std::string text);
  Task<Controlled<ChangeResult>> rewire(RewireRequest request);
  Controlled<void> set_drained(const std::string& link, bool is_drained);

  /// Where the control API is: a change that leads a link there is turned down.
  void keep_from(std::vector<SocketAddress> control) { control_ = std::move(control); }
  void stop() { is_stopping_ = true; }  ///< From now on every change is turned down.

  /// The link of that name, or the 404 that names the nearest.
  Controlled<std::size_t> find(const std::string& name) const;
  /// What the link's source says, while a rewire has replaced it.
  const Link* declared(std::size_t number) const;

  std::uint64_t generation() const { return generation_; }
  std::uint64_t rejections() const { return rejections_; }
  const std::optional<Rejection>& last_rejection() const { return last_rejection_; }

 private:
  struct Rewire {
    Link declared;  ///< As its source has it. One that says something else ends the rewire.
    std::vector<std::string> urls;
  };
  using Rewires = std::map<std::size_t, Rewire>;  ///< By link.
  /// What the sources say, and what still holds of the rewires.
  struct Wanted {
    struct Ended {
      std::string link;
      std::string why;
    };
    std::vector<Link> links;
    Rewires rewires;
    std::vector<Ended> ended;
  };
  Controlled<ChangeResult> apply_reload(const std::string& cause, std::expected<Reading, Problem> reading);
  /// A rewire that is under way.
  struct Asked {
    std::size_t link = 0;
    Link declared;  ///< What the link's source said when it was asked for.
    bool is_superseded = false;
  };
  /// What a rewire makes of the wiring that runs now.
  struct PlannedRewire {
    std::size_t number = 0;
    std::size_t place = 0;  ///< Of the link among those that are wanted.
    Link source;            ///< As its source has it.
    std::vector<Link> wanted;
    bool changes = false;  ///< The link, in any way.
  };
  std::shared_ptr<Asked> begin_rewire(std::size_t number);
  void supersede(const Asked& by);
  Task<Controlled<PlannedRewire>> read_and_plan(const RewireRequest& request);
  Controlled<PlannedRewire> plan_rewire(const RewireRequest& request,
                                        const std::expected<Reading, Problem>& reading) const;
  Task<Controlled<Examination>> examine(const RewireRequest& request, Link wanted, bool has_say,
                                        const Asked& asked);
  std::string refusal_of(const RewireRequest& request, const Examination& found) const;
  static ControlError refused(std::string refusal, std::vector<TargetFinding> findings);
  Controlled<ChangeResult> apply_rewire(const RewireRequest& request, Controlled<PlannedRewire> planned,
                                        const Asked& asked);
  std::expected<Wanted, Problems> judge(std::expected<Reading, Problem> reading) const;
  std::size_t place_of(std::size_t number) const;  ///< Of a link in the wiring's order.
  void rewire_again(const WiringInput& input, Wanted& wanted) const;
  /// Enters the rewire among what is wanted, or says why it has ended.
  static std::string rewire_again(const Rewire& rewire, const ListenerIndex& listeners, Link& link,
                                  Rewire& again);
  std::expected<Plan, Problems> apply(const std::vector<Link>& wanted,
                                      const std::optional<SessionFate>& fate);
  std::expected<ListenerSet::Staged, Problems> open_listeners(const std::vector<Link>& wanted);
  Supervisor::Change enter(const std::vector<Link>& wanted, const Plan& plan);
  ControlError reject(std::string_view cause, const Problems& problems);
  ChangeResult result_of(Plan plan, bool was_applied) const;

  LinkTable& links_;
  Supervisor& supervisor_;
  Journal& journal_;
  Sources sources_;
  std::vector<SocketAddress> control_;
  Rewires rewires_;
  std::vector<std::weak_ptr<Asked>> asked_;  ///< In the order in which they came.
  std::uint64_t generation_ = 1;
  std::uint64_t rejections_ = 0;
  std::optional<Rejection> last_rejection_;
  bool is_stopping_ = false;
};

}  // namespace amb
