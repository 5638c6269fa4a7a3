// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cstring>

namespace amb {

std::string Error::message() const {
  std::string text = what;
  if (!detail.empty()) text += " " + detail;
  if (code != 0) text += std::string(": ") + strerrordesc_np(code);
  return text;
}

}  // namespace amb
