// SPDX-License-Identifier: Apache-2.0
//
// Makes calls of worker threads go wrong. The calls come here because the linker replaced them
// (wrapped_calls.cc); those of the test's own thread, the main one, pass through uncounted.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <optional>

#include "faults/fault.h"

namespace amb::test {

/// The clock of workers runs this much faster, so that pauses of 100 ms cost a run little.
inline constexpr int kClockSpeed = 10;

/// One fault at a time, and at most one that belongs to the scenario. Resets every count.
void arm(const std::optional<Fault>& fault, const std::optional<Fault>& standing = std::nullopt);
/// Nothing goes wrong any more; counts stay.
void disarm();

std::uint64_t injections();      ///< Of the swept fault since arm().
std::uint64_t calls(Call call);  ///< Made by workers since arm().
std::uint64_t accepted();        ///< Connections that workers got from accept4 since arm().

/// For the wrapped calls: counts one, and says what happens to it instead, if anything. `socket` is asked
/// whether it could block at all: one that was reset never does.
std::optional<Fault> count(Call call, int socket = -1);
void count_accepted();

/// From now on every `operator new` of a worker fails, until there is memory again.
void run_out_of_memory();
void find_memory();
/// Whether this thread is not the test's own.
bool is_worker();

/// What epoll watches, so that a fault can raise an edge where the kernel would.
void watched(int epoll, int fd, const epoll_event& event);
void unwatched(int fd);
void raise_edge(int fd);
void raise_all_edges();

}  // namespace amb::test
