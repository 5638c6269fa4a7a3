// SPDX-License-Identifier: Apache-2.0
//
// Passwords that stand in a link's text. Reports and logs show the text they complain of, but never a
// password, not even one whose option is misspelt.
#pragma once

#include <string>
#include <string_view>

namespace amb {

/// What is printed in a secret's place.
inline constexpr std::string_view kMask = "***";

/// "health_password", whichever case it is in, what comes near it, and whatever speaks of a password.
bool is_secret_name(std::string_view name);

/// The text with "***" behind each "health_password=", up to the next '&' or ','. The name may be encoded
/// (%5F), and may be misspelt.
std::string mask_secrets(std::string_view text);

/// The text with "***" wherever this secret stands in it: what others say may quote it. Of an empty secret:
/// the text.
std::string mask_known(std::string_view text, std::string_view secret);

}  // namespace amb
