// SPDX-License-Identifier: Apache-2.0
//
// Links written down again, from what they hold and not from the text they came from: as the value of a
// variable and as a table of a file. Read back, each must be the same link.
#pragma once

#include <string>

#include "wiring/wiring.h"

namespace amb::test {

/// The value of a variable that would make this link, options and listeners behind its last target.
std::string value_of(const Link& link);

/// The file that would make this link, under the name "x".
std::string file_of(const Link& link);

}  // namespace amb::test
