// SPDX-License-Identifier: Apache-2.0
//
// Passwords that stand in text of the wiring: as an option, in a key of another program's, as the user of a
// URL. Reports and logs show the text they complain of, but never a password, not even one whose option is
// misspelt. Rather too much is hidden than too little.
#pragma once

#include <string>
#include <string_view>

namespace amb {

/// What is printed in a secret's place.
inline constexpr std::string_view kMask = "***";

/// "health_password", whichever case it is in, what comes near it, and whatever speaks of a password, a token
/// or a secret.
bool is_secret_name(std::string_view name);

/// The text with "***" for each user of a URL ("redis://***@host") and behind each "health_password=" and its
/// like. The name may be encoded (%5F), and may be misspelt. A password may hold a '&' or ',' that should
/// have been encoded, so that it ends only before what cannot be its own: "&option=", or ",scheme://".
std::string mask_secrets(std::string_view text);

/// The text with "***" wherever this secret stands in it: what others say may quote it. Of an empty secret:
/// the text.
std::string mask_known(std::string_view text, std::string_view secret);

/// Whether a target in a link's value names a user, "user:password@host", as other programs take it.
bool has_user(std::string_view value);

/// Whether a target with a scheme begins here, "tcp://" or "unix:@", and no password goes on.
bool begins_target(std::string_view text);

/// A value as messages show it: secrets masked, and no longer than anybody reads.
std::string shown_value(std::string_view value);

}  // namespace amb
