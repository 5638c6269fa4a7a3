// SPDX-License-Identifier: Apache-2.0
//
// What must hold for whatever text is given as wiring, said without asking the parsers how they work.
#pragma once

#include <string_view>

#include "wiring/wiring.h"

namespace amb::test {

/// Links or problems, and each of them whole: a link can be written down and read back as the same link, a
/// problem names where it comes from and what would be accepted.
void require_whole(const WiringInput& input, const Findings& findings);

/// The places of a link are places, and given back as text and read again it is the same link.
void require_whole(const Link& link);

/// A password that is known, "hunter2", and given as one wherever it occurs in `text`, is in no report.
/// `text` is all that was given.
void require_kept_secret(std::string_view text, const Findings& findings);

/// What `ambassador check` prints, in all its forms.
void require_harmless_reports(const Findings& findings);

/// An input whose host is not the fuzzer's choice: its name, its own addresses and its hosts file.
WiringInput plain_input();

}  // namespace amb::test
