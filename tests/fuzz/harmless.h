// SPDX-License-Identifier: Apache-2.0
//
// What may be printed, said without the code that escapes.
#pragma once

#include <string_view>

namespace amb::test {

/// One printable line: UTF-8 without control characters, line separators or marks that turn its direction.
bool is_harmless(std::string_view line);

/// Whether it is UTF-8 throughout, whatever the characters.
bool is_utf8(std::string_view text);

}  // namespace amb::test
