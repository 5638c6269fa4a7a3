// SPDX-License-Identifier: Apache-2.0
//
// Talks to a running ambassador over its control socket: finds the socket where control_places.h says that it
// can be, makes sure that the program behind it may be believed, asks, and gives up after a while. Blocks.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "admin/control_places.h"
#include "base/result.h"

namespace amb {

struct Reply {
  unsigned status = 0;
  std::string body;
  bool is_fine() const { return status >= 200 && status < 300; }
};

class Client {
 public:
  static constexpr std::chrono::seconds kPatience{10};

  /// `stop_fd` ends whatever is waited for when it becomes readable; -1 for none. It is not read here.
  explicit Client(ControlSearch search, int stop_fd = -1) : search_(std::move(search)), stop_fd_(stop_fd) {}

  enum class Presence {
    trusted,  ///< Somebody whom we trust, though perhaps without answering.
    other,    ///< Somebody who does not let us in, or whom we do not trust.
    nobody,
  };
  Presence presence() const;

  /// On a connection of its own. Fails when nobody is there, with the places that were tried, or does not
  /// answer.
  Result<Reply> ask(std::string_view method, const std::string& target, const std::string& body = {},
                    std::chrono::milliseconds within = kPatience) const;

  /// Gives each line of an endless answer to `take`, until that is false, the program ends or stop_fd says
  /// so. An answer of another kind comes back as it is.
  Result<Reply> follow(const std::string& target,
                       const std::function<bool(std::string_view line)>& take) const;

 private:
  ControlSearch search_;
  int stop_fd_;
};

/// "/v1/links/" and the name with whatever would end it there as %XX.
std::string encode_segment(std::string_view text);

}  // namespace amb
