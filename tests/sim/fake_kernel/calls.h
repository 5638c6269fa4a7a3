// SPDX-License-Identifier: Apache-2.0
//
// What the calls that replace libc's have in common. The linker turns recv(2) of the program under test into
// __wrap_recv and offers the real one as __real_recv (ld(1), --wrap; the list is in
// tests/sim/CMakeLists.txt).
#pragma once

#include <sys/types.h>

#include <cerrno>

#include "sim/fake_kernel/kernel.h"

namespace amb::sim {

/// A result as libc gives it: what is negative is an errno.
inline ssize_t outcome(ssize_t result) {
  if (result >= 0) return result;
  errno = static_cast<int>(-result);
  return -1;
}

/// 0, or an errno.
inline int status(int error) {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

/// A signal came while the call was made.
inline bool is_interrupted(Kernel& kernel) {
  if (!kernel.strikes(kernel.faults.interrupt)) return false;
  kernel.saw(Seen::interrupted_call);
  return true;
}

}  // namespace amb::sim
