// SPDX-License-Identifier: Apache-2.0
//
// The one way to read a file whole: a configuration, a token, a hosts file, a table of the kernel. Somebody
// may have put anything in its place, so only a regular file is read, without waiting and up to a bound; what
// goes wrong is an error, never an exception.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace amb {

/// The whole file. Fails if it is not a regular file (EISDIR, or no code), has more than `most_bytes`
/// (EFBIG), or cannot be opened or read (with that errno). Files of /proc and /sys are regular too, whatever
/// size they say they have. Symbolic links are followed. A file system that does not answer still makes it
/// wait: see background.h.
Result<std::string> read_small_file(const std::string& path, std::size_t most_bytes);

}  // namespace amb
