// SPDX-License-Identifier: Apache-2.0
#include "health/saslprep.h"

#include <stringprep.h>

#include <cstdlib>
#include <memory>

namespace amb {

std::string saslprep(std::string_view password) {
  const std::string text(password);
  char* made = nullptr;
  const int result = ::stringprep_profile(text.c_str(), &made, "SASLprep", STRINGPREP_NO_UNASSIGNED);
  const std::unique_ptr<char, decltype(&std::free)> prepared(made, &std::free);
  const bool has_form = result == STRINGPREP_OK && prepared != nullptr && prepared.get()[0] != '\0';
  return has_form ? std::string(prepared.get()) : text;
}

}  // namespace amb
