// SPDX-License-Identifier: Apache-2.0
//
// A program whose file of links changes while it runs, without the program around it: a supervisor, its
// wiring, and services that its links lead to.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/live_wiring.h"
#include "unit/app/running_supervisor.h"
#include "unit/support/run_task.h"
#include "unit/wiring/find.h"

namespace amb::test {

/// A link in a file. `more` are lines with other options.
inline std::string link_text(const std::string& name, const SocketAddress& listen,
                             const std::string& upstream, const std::string& more = {}) {
  const std::string where = listen.is_unix() ? "unix://" + listen.path() : "tcp://" + listen.to_string();
  return "[links." + name + "]\nlisten = '" + where + "'\nupstream = '" + upstream + "'\n" + more;
}
inline std::string link_text(const std::string& name, const SocketAddress& listen,
                             const SocketAddress& upstream, const std::string& more = {}) {
  return link_text(name, listen, "tcp://" + upstream.to_string(), more);
}

/// Something that links lead to.
class Service {
 public:
  const SocketAddress& address() const { return listener_.address; }
  UniqueFd accepts() const { return accept_from(listener_.sockets.front().borrow()); }
  bool has_visitor() const {
    pollfd one{.fd = listener_.sockets.front().borrow(), .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, 0) == 1;
  }

 private:
  BoundListener listener_ = listen_on(ip("127.0.0.1"));
};

class Living {
 public:
  explicit Living(std::string text, unsigned workers = 2)
      : text_(std::move(text)),
        supervisor_(find_in_file(text_).links, workers),
        wiring_(supervisor_.links(), *supervisor_.operator->(), supervisor_.journal(),
                {.read = [this](auto instead) { return read(std::move(instead)); },
                 .most_sessions =
                     [this](const auto&) {
                       before_change();
                       return most_sessions;
                     },
                 .examine = [this](Link link, auto) { return examine(std::move(link)); }}) {
    EXPECT_TRUE(supervisor_.is_open());
    EXPECT_TRUE(supervisor_->start());
  }

  LiveWiring* operator->() { return &wiring_; }
  LiveWiring& wiring() { return wiring_; }
  RunningSupervisor& supervisor() { return supervisor_; }

  /// Reads it, and waits until the workers know.
  Controlled<ChangeResult> reload(std::string text) {
    text_ = std::move(text);
    auto result = run_task(supervisor_.io(), wiring_.reload("file"));
    supervisor_.settle();
    return result;
  }
  Controlled<ChangeResult> rewire(const RewireRequest& request) {
    auto result = run_task(supervisor_.io(), wiring_.rewire(request));
    supervisor_.settle();
    return result;
  }
  Controlled<ChangeResult> rewire(const std::string& link, const Service& service,
                                  std::optional<SessionFate> existing = {}) {
    return rewire({.link = link, .upstream = {service.address().to_string()}, .existing = existing});
  }
  Controlled<ChangeResult> back(const std::string& link) { return rewire({.link = link, .back = true}); }

  /// Whether who connects there now is served by `service`.
  bool leads(const SocketAddress& listen, const Service& service) {
    const Connected consumer = connect_to(listen);
    if (consumer.error != 0) return false;
    const UniqueFd accepted = service.accepts();
    send_text(accepted.borrow(), "hello");
    return receive_text(consumer.fd.borrow(), 5) == "hello";
  }
  /// A session, once it is up.
  TcpPair opens_session(const SocketAddress& listen, const Service& service) {
    TcpPair session{connect_to(listen).fd, service.accepts()};
    send_text(session.far.borrow(), "hello");
    EXPECT_EQ(receive_text(session.near.borrow(), 5), "hello");
    return session;
  }

  Controlled<ChangeResult> preview(const std::string& path, const std::string& text) {
    return run_task(supervisor_.io(), wiring_.preview(path, text));
  }

  std::size_t most_sessions = 100;
  std::optional<Problem> unreadable;            ///< What reading gives instead.
  std::function<void()> before_change = [] {};  ///< Once all is judged.
  std::vector<Link> examined;                   ///< In order.
  /// What the check of a link's targets finds; without it they are all up.
  std::function<LiveWiring::Task<Examination>(const Link&)> finds;

 private:
  LiveWiring::Task<Examination> examine(Link link) {
    examined.push_back(link);
    if (finds) co_return co_await finds(link);
    Examination found;
    for (const Target& target : link.targets)
      found.findings.push_back({.target = target.text, .address = {}, .is_well = true, .said = "up"});
    co_return found;
  }

  LiveWiring::Task<std::expected<Reading, Problem>> read(std::optional<ConfigText> instead) {
    if (unreadable) co_return std::unexpected(*unreadable);
    Reading reading{with_variables({}), {}};
    reading.input.config = instead ? std::move(*instead) : file_of_links(text_);
    reading.findings = find_wiring(reading.input);
    co_return std::move(reading);
  }

  std::string text_;
  RunningSupervisor supervisor_;
  LiveWiring wiring_;
};

/// Both ends go on.
inline bool is_alive(const TcpPair& session) {
  if (try_send(session.near.borrow(), bytes_of("ping")).status != IoStatus::done) return false;
  return receive_text(session.far.borrow(), 4) == "ping";
}

inline bool was_reset(const TcpPair& session) {
  std::string text;
  return receive_next(session.near.borrow(), text).error == ECONNRESET;
}

/// "change a: upstream …".
inline std::vector<std::string> steps_of(const ChangeResult& result) {
  std::vector<std::string> texts;
  for (const PlanStep& step : result.steps)
    texts.push_back(std::string(to_string(step.kind)) + " " + step.link);
  return texts;
}

inline std::size_t open_descriptors() {
  const auto entries = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace amb::test
