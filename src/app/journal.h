// SPDX-License-Identifier: Apache-2.0
//
// Every line that the running program logs, in one place: their names and fields are an interface that people
// write alerts on. docs/operations.md lists them.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "admin/admin_server.h"
#include "base/log.h"
#include "discovery/endpoint_list.h"
#include "health/health_count.h"
#include "proxy/notice.h"
#include "wiring/link_table.h"
#include "wiring/plan.h"

namespace amb {

class Journal {
 public:
  Journal(Log& log, const LinkTable& links) : log_(log), links_(links) {}

  /// Sessions that fail leave no line, but at level debug; whoever asks why still hears of them.
  void leave_out_failures() { leaves_out_failures_ = true; }

  /// Each failure is told, however many say the same.
  void count_no_repeats() { counts_repeats_ = false; }

  void listening(std::size_t link, const SocketAddress& address);
  void listen_failed(const Link& link, const SocketAddress& address, const Error& error);
  void cannot_start(const std::string& error);
  void note(const std::string& sentence);
  void control(const AdminPlaces& places);  ///< Where we can be asked and steered.
  void ready(unsigned workers, std::size_t max_sessions);

  void moved(const std::string& name, const std::vector<SocketAddress>& was,
             const std::vector<SocketAddress>& now);
  void resolve_failed(const std::string& name, const std::string& error, bool keeps_addresses);
  void refused(std::size_t link, const EndpointList::Refused& refused);
  void left_out(std::size_t link, std::size_t endpoints);  ///< Beyond kEndpointsOfALink.
  void watch_failed(const std::string& path, const std::string& error,
                    std::string_view consequence = "its changes are seen when names are asked for again");
  /// Of the admin API: its file holds another token, or something that is none.
  void token_changed(const std::string& path);
  void token_rejected(const std::string& path, const std::string& error, std::string_view consequence);
  /// What a check found, when that is news. `why` is what the endpoint said or did.
  void endpoint_health(std::size_t link, const SocketAddress& endpoint, Health now, const std::string& why);
  /// `why` is for a link that is not: what is known of its endpoints.
  void link_availability(std::size_t link, bool is_available, const std::string& why = {});
  void notice(const Notice& notice);

  /// The wiring is another one. `why` is who wanted it: "SIGHUP", "file", "command".
  void wiring_changed(std::string_view why, std::uint64_t generation, const std::vector<PlanStep>& steps);
  void wiring_rejected(std::string_view why, std::uint64_t generation, const Problems& problems);
  void rewired(std::size_t link, const std::string& was, const SessionFate& existing);
  void rewire_ended(const std::string& link, std::string_view why);
  void drained(std::size_t link, bool is_drained);

  /// Sending spans to a collector begins to fail, or works again. `tries_again` is whether they are kept.
  void traces_failed(const std::string& collector, const std::string& error, bool tries_again);
  void traces_back(const std::string& collector);

  void signal_ignored(std::string_view signal, std::string_view why);
  void stopping(std::string_view signal, std::size_t sessions);
  void stopped(std::size_t sessions_cut);
  /// A stop was asked for, and the control thread does not take it up. From any thread; the last line.
  void stuck();
  /// How many notices the workers could not leave. Says what was lost at most once a second, and at the end.
  void lost_lines(std::uint64_t notices);

 private:
  void session_ended(const CloseRecord& record);
  void accept_failed(const AcceptFailed& failed);
  void session_limit(const SessionLimitReached& reached);
  void loop_found(const LoopFound& loop);
  void endpoint_ejected(const EndpointEjected& ejected);
  void endpoint_back(const EndpointBack& back);
  const std::string& name(std::size_t link) const { return links_[link].name; }

  Log& log_;
  const LinkTable& links_;
  void say_lost_lines();

  bool leaves_out_failures_ = false;
  bool counts_repeats_ = true;
  std::uint64_t lost_notices_ = 0;
  std::uint64_t lost_said_ = 0;
  std::chrono::steady_clock::time_point lost_said_at_{};
};

}  // namespace amb
