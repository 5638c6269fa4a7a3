// SPDX-License-Identifier: Apache-2.0
//
// What the program's exit code means, sysexits(3) where it has a word for it.
#pragma once

namespace amb {

inline constexpr int kExitOk = 0;
inline constexpr int kExitNotReady = 1;  ///< Of `wait`, `healthcheck`: not yet; of `rewire`: no target is up;
                                         ///< of others: not now, not any more.
inline constexpr int kExitSessionsCut = 3;  ///< The drain's deadline passed, or a second signal came.
inline constexpr int kExitUsage = 64;       ///< The wiring or the arguments are wrong; nothing was opened.
inline constexpr int kExitNobody = 69;      ///< No ambassador runs that could be talked to.
inline constexpr int kExitBug = 70;
inline constexpr int kExitSystem =
    71;  ///< The system refuses what every command needs: a descriptor, a thread.
inline constexpr int kExitOutput = 74;  ///< Standard output cannot be written: full, or closed.

}  // namespace amb
