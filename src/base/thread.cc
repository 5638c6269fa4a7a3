// SPDX-License-Identifier: Apache-2.0
#include "base/thread.h"

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
#include <utility>

namespace amb {

std::thread start_thread(std::move_only_function<void()> work) {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);  // the new thread inherits it
  const auto restore = [&before] { ::pthread_sigmask(SIG_SETMASK, &before, nullptr); };
  try {
    std::thread thread(std::move(work));
    restore();
    return thread;
  } catch (const std::system_error& error) {
    restore();
    throw std::system_error(error.code(), "cannot start a thread");
  }
}

void mend_refused_clone3() {
  // Without arguments it is EINVAL where it is known, and ENOSYS on kernels before 5.3.
  if (::syscall(SYS_clone3, nullptr, 0) != -1 || errno != EPERM) return;
  // Of two filters that refuse a call, the one that came last says with which error.
  constexpr std::uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS, kJumpIfEqual = BPF_JMP | BPF_JEQ | BPF_K,
                          kReturn = BPF_RET | BPF_K;
  std::array<sock_filter, 4> steps = {{{kLoad, 0, 0, offsetof(seccomp_data, nr)},
                                       {kJumpIfEqual, 0, 1, SYS_clone3},
                                       {kReturn, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
                                       {kReturn, 0, 0, SECCOMP_RET_ALLOW}}};
  const sock_fprog filter{.len = steps.size(), .filter = steps.data()};
  // We start no other program, so nothing is lost with the right to gain privileges by one. If it fails,
  // start_thread() says what cannot be had.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
    (void)::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}

}  // namespace amb
