// SPDX-License-Identifier: Apache-2.0
//
// Which program this is. Defined in a file that the build writes.
#pragma once

namespace amb {

extern const char* const kVersion;  ///< "0.1.0"
extern const char* const kCommit;   ///< Abbreviated hash, or "unknown".

}  // namespace amb
