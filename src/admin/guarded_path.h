// SPDX-License-Identifier: Apache-2.0
//
// Who can have put a socket where it is. Root's commands carry files and passwords; they go to no place that
// anybody could sit in.
#pragma once

#include <string>

namespace amb {

/// Empty when nobody but root and user `uid` can have made what is at `path`, an absolute one; else the
/// folder on the way there, or the file itself, that is somebody else's or that others may write to. A sticky
/// folder is one of those: others cannot remove what is in it, but they can come first.
std::string unguarded_part(const std::string& path, unsigned uid);

}  // namespace amb
