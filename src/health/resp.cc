// SPDX-License-Identifier: Apache-2.0
#include "health/resp.h"

#include "base/text.h"

namespace amb {

namespace {

/// The number behind '$' or '*'; -1, a value that is not there, counts as none of them.
std::optional<std::size_t> parse_count(std::string_view text) {
  if (text == "-1") return 0;
  return parse_number<std::size_t>(text);
}

}  // namespace

std::string resp_command(std::initializer_list<std::string_view> words) {
  std::string command = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string_view word : words) {
    command.append("$").append(std::to_string(word.size())).append("\r\n").append(word).append("\r\n");
  }
  return command;
}

// Arrays are not kept as a tree but counted: a reply cannot nest us deeper than a number goes, and what it
// holds is bounded by what a conversation takes in, for each value costs at least a line of its own.
boost::asio::awaitable<std::optional<RespReply>> read_resp_reply(Conversation& talk) {
  RespReply reply;
  for (std::size_t missing = 1; missing > 0; --missing) {
    auto line = co_await talk.read_line();
    if (!line) co_return std::nullopt;
    const char type = line->empty() ? '\0' : line->front();
    std::string value = line->empty() ? std::string() : line->substr(1);
    if (reply.type == 0) reply.type = type;
    const bool is_counted = type == '$' || type == '*';
    const auto count = is_counted ? parse_count(value) : std::nullopt;
    const bool is_understood =
        is_counted ? count && *count <= Conversation::kMostBytes : type == '+' || type == '-' || type == ':';
    if (!is_understood) {
      talk.object("its answer is not redis's protocol: " + *line);
      co_return std::nullopt;
    }
    if (type == '*') {
      missing += *count;
      continue;
    }
    if (type == '$' && value != "-1") {
      auto bulk = co_await talk.read_exactly(*count + 2);
      if (!bulk) co_return std::nullopt;
      value = bulk->substr(0, *count);
    }
    if (reply.texts.size() < RespReply::kMostTexts) reply.texts.push_back(std::move(value));
  }
  co_return reply;
}

}  // namespace amb
