// SPDX-License-Identifier: Apache-2.0
#include "app/signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <vector>

#include "unit/support/child.h"
#include "unit/support/eventually.h"

namespace amb {
namespace {

using test::in_child;

/// Notes what the signals say; runs in a child, whose signals are its own.
struct Listening {
  explicit Listening(Signals::Patience patience = {}) : signals(io, [this] { ++stuck; }, patience) {}
  void start() {
    signals.start([this](std::string_view name) { said.push_back("stop " + std::string(name)); },
                  [this](std::string_view name) { said.push_back("other " + std::string(name)); });
  }
  void run_until(std::size_t count) {
    while (said.size() < count && io.run_one_for(test::kDeadline) > 0) {
    }
  }
  boost::asio::io_context io{1};
  std::atomic<int> stuck = 0;
  Signals signals;
  std::vector<std::string> said;
};

/// To the process, as others do.
void send(int signal) { ::kill(::getpid(), signal); }

using Said = std::vector<std::string>;

struct Sent {
  int signal;
  const char* expected;
};

void PrintTo(const Sent& one, std::ostream* out) { *out << one.expected; }

class SignalOf : public testing::TestWithParam<Sent> {};

TEST_P(SignalOf, IsAnEventWithItsName) {
  in_child([] {
    Listening listening;
    listening.start();
    send(GetParam().signal);
    listening.run_until(1);
    EXPECT_EQ(listening.said, (Said{GetParam().expected}));
  });
}

INSTANTIATE_TEST_SUITE_P(All, SignalOf,
                         testing::Values(Sent{SIGTERM, "stop SIGTERM"}, Sent{SIGINT, "stop SIGINT"},
                                         Sent{SIGHUP, "other SIGHUP"}, Sent{SIGUSR1, "other SIGUSR1"},
                                         Sent{SIGUSR2, "other SIGUSR2"}));

TEST(Signals, WaitForWhoeverStartsToListen) {
  in_child([] {
    Listening listening;
    send(SIGTERM);  // while the listeners are still being opened
    listening.start();
    listening.run_until(1);
    EXPECT_EQ(listening.said, (Said{"stop SIGTERM"}));
  });
}

TEST(Signals, AreHeardAgainAndAgain) {
  in_child([] {
    Listening listening;
    listening.start();
    for (std::size_t i = 1; i <= 3; ++i) {
      send(SIGTERM);
      listening.run_until(i);
    }
    EXPECT_EQ(listening.said.size(), 3U);
  });
}

TEST(Signals, LeaveBrokenPipesToTheCallThatMeetsThem) {
  in_child([] {
    const Listening listening;
    send(SIGPIPE);
    struct sigaction now{};
    ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &now), 0);
    EXPECT_EQ(now.sa_handler, SIG_IGN);
  });
}

TEST(Signals, EndTheProgramWhoseControlThreadDoesNotTakeUpTheStop) {
  in_child([] {
    Listening listening({.first = std::chrono::milliseconds(1)});
    listening.start();
    send(SIGTERM);
    EXPECT_TRUE(test::eventually([&] { return listening.stuck == 1; })) << "and nobody runs the loop";
  });
}

TEST(Signals, ComeToTheirThreadThoughTheyWereBlockedAndIgnored) {
  in_child([] {
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    (void)::signal(SIGTERM, SIG_IGN);
    Listening listening;
    listening.start();
    send(SIGTERM);
    listening.run_until(1);
    EXPECT_EQ(listening.said, (Said{"stop SIGTERM"}));
  });
}

TEST(Signals, EndItSoonerWhenAskedAgain) {
  in_child([] {
    Listening listening({.first = std::chrono::hours(1), .again = std::chrono::milliseconds(1)});
    listening.start();
    send(SIGTERM);
    send(SIGINT);
    EXPECT_TRUE(test::eventually([&] { return listening.stuck == 1; }));
  });
}

bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

TEST(Signals, ReapChildrenThatEnd) {
  in_child([] {
    Listening listening;
    listening.start();
    for (int i = 0; i < 3; ++i) {
      if (::fork() == 0) ::_exit(0);
    }
    EXPECT_TRUE(test::eventually([&] {
      listening.io.poll();
      return !has_children();
    }));
  });
}

TEST(Signals, ReapChildrenThatEndedBeforeAnybodyListened) {
  in_child([] {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    siginfo_t info{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    Listening listening;
    listening.start();
    EXPECT_FALSE(has_children());
  });
}

TEST(Signals, ReapOrphansThatAreOnlyInherited) {
  in_child([] {
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // as the first process of a container is
    Listening listening;
    listening.start();
    const pid_t middle = ::fork();
    if (middle == 0) {
      if (::fork() == 0) ::_exit(0);
      ::_exit(0);
    }
    EXPECT_TRUE(test::eventually([&] {
      listening.io.poll();
      return !has_children();
    }));
  });
}

}  // namespace
}  // namespace amb
