// SPDX-License-Identifier: Apache-2.0
//
// As much of redis's protocol (RESP 2) as a check needs: commands out, one reply in, whatever its shape.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "health/conversation.h"

namespace amb {

struct RespReply {
  char type = 0;                   ///< Of the whole: '+' text, '-' error, ':' number, '$' bulk, '*' array.
  std::vector<std::string> texts;  ///< Values that are no arrays, in order: the first kMostTexts of them.

  static constexpr std::size_t kMostTexts = 16;

  bool is_error() const { return type == '-'; }
  /// The first value, empty where there is none.
  std::string_view text() const {
    return texts.empty() ? std::string_view() : std::string_view(texts.front());
  }
};

std::string resp_command(std::initializer_list<std::string_view> words);

/// Nothing when the conversation has failed; its failure() says why.
boost::asio::awaitable<std::optional<RespReply>> read_resp_reply(Conversation& talk);

}  // namespace amb
