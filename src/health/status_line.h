// SPDX-License-Identifier: Apache-2.0
//
// The first line of an HTTP answer, as generous as the clients of the world: "HTTP/1.1 200 OK", without a
// reason, without the space before it, ended by CR LF or by LF alone.
#pragma once

#include <optional>
#include <string_view>

namespace amb {

struct StatusLine {
  unsigned status = 0;      ///< Three digits.
  std::string_view reason;  ///< Of the line that was parsed; often empty.
};

/// Of a line without its LF; nothing where that is no status line.
std::optional<StatusLine> parse_status_line(std::string_view line);

}  // namespace amb
