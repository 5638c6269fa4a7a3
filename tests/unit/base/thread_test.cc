// SPDX-License-Identifier: Apache-2.0
#include "base/thread.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "unit/support/child.h"

namespace amb {
namespace {

TEST(StartThread, LeavesSignalsToOthersAndOurMaskAsItWas) {
  sigset_t before, after, inside;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  start_thread([&inside] { ::pthread_sigmask(SIG_SETMASK, nullptr, &inside); }).join();
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&inside, SIGTERM), 1);
  EXPECT_EQ(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
}

/// As the seccomp profile of a container engine does.
void refuse(std::uint32_t call, std::uint32_t error) {
  constexpr std::uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS, kJumpIfEqual = BPF_JMP | BPF_JEQ | BPF_K,
                          kReturn = BPF_RET | BPF_K;
  std::array<sock_filter, 4> steps = {{{kLoad, 0, 0, offsetof(seccomp_data, nr)},
                                       {kJumpIfEqual, 0, 1, call},
                                       {kReturn, 0, 0, SECCOMP_RET_ERRNO | error},
                                       {kReturn, 0, 0, SECCOMP_RET_ALLOW}}};
  const sock_fprog filter{.len = steps.size(), .filter = steps.data()};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0), 0);
}

TEST(StartThread, SaysWhatCannotBeHad) {
  test::in_child([] {
    refuse(SYS_clone3, EAGAIN);
    try {
      start_thread([] {}).join();
      FAIL() << "there is a thread";
    } catch (const std::system_error& error) {
      EXPECT_STREQ(error.what(), "cannot start a thread: Resource temporarily unavailable");
    }
  });
}

TEST(MendRefusedClone3, LetsThreadsBeStartedAnotherWay) {
  test::in_child([] {
    refuse(SYS_clone3, EPERM);
    EXPECT_THROW(start_thread([] {}).join(), std::system_error);
    mend_refused_clone3();
    bool has_run = false;
    start_thread([&has_run] { has_run = true; }).join();
    EXPECT_TRUE(has_run);
  });
}

TEST(MendRefusedClone3, ChangesNothingWhereItIsNotRefused) {
  test::in_child([] {
    mend_refused_clone3();
    EXPECT_EQ(::prctl(PR_GET_SECCOMP, 0, 0, 0, 0), 0) << "no filter";
  });
}

}  // namespace
}  // namespace amb
