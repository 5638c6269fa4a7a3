// SPDX-License-Identifier: Apache-2.0
//
// Threads as all of ours are started: signals stay with the one that expects them, and where none can be had
// the error says so.
#pragma once

#include <functional>
#include <thread>

namespace amb {

/// Throws std::system_error, "cannot start a thread: …", where none can be had.
std::thread start_thread(std::move_only_function<void()> work);

/// Container engines whose seccomp profile does not know clone3(2) answer it with EPERM (Docker before
/// 20.10.10), and glibc tries clone(2) instead only after ENOSYS. Where that is so, makes it ENOSYS for this
/// process. Before any thread is started.
void mend_refused_clone3();

}  // namespace amb
