// SPDX-License-Identifier: Apache-2.0
//
// One name, looked up again and again for as long as it lives: NameWatch for the addresses of a host,
// Watch<ServiceRecord> for the servers of a service. Keeps the last good answer whatever the resolver does; a
// name that has ceased to exist loses its records only after a grace period.
//
//   found            asked again when its time to live is over, but not before shortest_pause()
//   none, failed     asked again in 1, 2, 4, 8, then every 10 s
//   refresh()        asked again now, but at most ten times in shortest_pause()
//   outdate()        asked again at once
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <compare>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "discovery/answer.h"
#include "discovery/look_up_turns.h"
#include "discovery/srv_answer.h"
#include "net/address.h"

namespace amb {

/// Of the link that the name belongs to.
struct WatchSettings {
  std::chrono::milliseconds max_ttl{60000};      ///< Asked for again at least this often.
  std::chrono::milliseconds empty_grace{30000};  ///< "No such name" counts after this.
  auto operator<=>(const WatchSettings&) const = default;
};

/// What comes of a refresh().
enum class Refresh {
  answer_follows,
  is_known,  ///< It was asked for a moment ago and has nothing: no answer follows.
};

/// All watches of the program. The more there are, the longer is each one's shortest pause, so that names
/// that are good for no time cost no more than kLookUpsASecond.
struct WatchCrowd {
  std::size_t watches = 0;
};

/// What a watch asks for, and how urgently; that may change while the question waits for its turn. It is
/// nobody's any more once `urgency` has expired.
template <class Record>
struct LookUpRequest {
  std::string name;
  std::vector<Record> known;  ///< The records of the last good answer.
  std::weak_ptr<const Urgency> urgency;
};

using WatchClock = std::function<std::chrono::steady_clock::time_point()>;

template <class Record>
class Watch {
 public:
  /// What changed with an answer.
  struct News {
    const Watch& watch;
    std::vector<Record> before;
    bool has_changed = false;    ///< The records, their order aside.
    bool began_to_fail = false;  ///< The first failure after a success, or the first answer of all.
    std::string error;
  };

  using OnNews = std::function<void(const News&)>;
  using LookUp = std::function<void(const LookUpRequest<Record>& request, OnAnswer<Record>)>;

  Watch(boost::asio::io_context& io, std::string name, WatchSettings settings, LookUp look_up, OnNews on_news,
        WatchClock now = &std::chrono::steady_clock::now,
        std::shared_ptr<WatchCrowd> crowd = std::make_shared<WatchCrowd>());
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Asks, unless a question is under way. `on_news` is called for every answer; it must not end the watch.
  Refresh refresh(Urgency urgency = Urgency::wanted);

  /// The files that answers come from have changed: what is known, and any answer to a question that is under
  /// way, may be from before.
  void outdate();

  const std::string& name() const { return name_; }
  const std::vector<Record>& records() const { return records_; }
  bool has_answered() const { return has_answered_; }
  bool is_failing() const { return is_failing_; }
  /// Since the last good answer; since the watch began while there was none.
  std::chrono::steady_clock::duration age() const { return now_() - good_at_; }
  bool is_gone() const { return is_gone_; }  ///< "No such name", and the grace period is over.
  /// From the last answer to the next question, if nobody wants it earlier.
  std::chrono::steady_clock::duration pause() const { return pause_; }

  /// However short its time to live: longer for an answer of many records, and where many names are watched.
  std::chrono::steady_clock::duration shortest_pause() const;

  static constexpr std::chrono::seconds kShortestTtl{1};
  static constexpr std::size_t kRecordsASecond = 50;        ///< Of one name.
  static constexpr std::size_t kLookUpsASecond = 100;       ///< Of all names, unless sessions want more.
  static constexpr int kRefreshes = 10;                     ///< In a shortest pause.
  static constexpr std::chrono::seconds kNegativeCache{1};  ///< So long "nothing" needs no new question.

 private:
  using Duration = std::chrono::steady_clock::duration;

  void ask();
  void hear(Answer<Record> answer);
  void take(Answer<Record>& answer);
  void take_absence();
  Duration pause_after(const Answer<Record>& answer);
  void ask_in(Duration pause);

  boost::asio::steady_timer timer_;
  std::string name_;
  WatchSettings settings_;
  LookUp look_up_;
  OnNews on_news_;
  WatchClock now_;
  std::vector<Record> records_;
  std::optional<std::chrono::steady_clock::time_point> absent_since_;  ///< When "none" began.
  std::chrono::steady_clock::time_point answered_at_;
  std::chrono::steady_clock::time_point good_at_ = now_();
  Duration pause_{0};
  bool is_asking_ = false;
  bool is_put_off_ = false;      ///< A refresh() waits for the end of a pause.
  bool is_outdated_ = false;     ///< The files changed after the present question was asked.
  bool is_asked_twice_ = false;  ///< The present question repeats one that was outdated.
  bool is_failing_ = false;
  bool is_gone_ = false;
  bool has_answered_ = false;
  std::chrono::seconds retry_{kShortestTtl};
  bool has_failed_ = false;  ///< The last question has: no server said anything of use.
  std::shared_ptr<WatchCrowd> crowd_;
  /// Of the question that is under way. Ends with us, for answers that come after our end.
  std::shared_ptr<Urgency> urgency_ = std::make_shared<Urgency>(Urgency::due);
};

using NameWatch = Watch<SocketAddress>;

extern template class Watch<SocketAddress>;
extern template class Watch<ServiceRecord>;

}  // namespace amb
