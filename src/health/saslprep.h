// SPDX-License-Identifier: Apache-2.0
//
// SASLprep (RFC 4013): the form in which two ways to type a password are one. For SCRAM.
#pragma once

#include <string>
#include <string_view>

namespace amb {

/// A password that has no such form (it is no UTF-8, or holds what may not be or did not exist in
/// Unicode 3.2) is left as it is, as PostgreSQL and its clients leave it.
std::string saslprep(std::string_view password);

}  // namespace amb
