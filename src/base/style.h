// SPDX-License-Identifier: Apache-2.0
//
// How words stand out on a terminal (ECMA-48, SGR). Who writes decides whether they do.
#pragma once

#include <string>
#include <string_view>

namespace amb {

enum class Style { plain, strong, good, quiet, bad };

/// What switches it on; empty for plain.
constexpr std::string_view escape_sequence(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::strong:
      return "\x1b[1m";
    case Style::good:
      return "\x1b[32m";
    case Style::quiet:
      return "\x1b[33m";
    case Style::bad:
      return "\x1b[31m";
  }
  return "";
}

/// Between the sequences that begin and end the style, if `colour`.
inline std::string paint(std::string_view text, Style style, bool colour) {
  if (!colour || style == Style::plain) return std::string(text);
  return std::string(escape_sequence(style)) + std::string(text) + "\x1b[0m";
}

}  // namespace amb
