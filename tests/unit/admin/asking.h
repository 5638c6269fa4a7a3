// SPDX-License-Identifier: Apache-2.0
//
// The asking side of the admin API: bytes over a real socket, answers taken apart. The server runs on the
// same thread, between what is said and what is heard.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "base/text.h"
#include "net/address.h"
#include "net/socket.h"
#include "unit/support/sockets.h"

namespace amb::test {

namespace asio = boost::asio;

/// Runs the io_context until `condition` holds.
template <class Condition>
void run_until(asio::io_context& io, Condition condition) {
  const auto until = std::chrono::steady_clock::now() + kDeadline;
  while (!condition()) {
    io.restart();
    (void)io.run_one_for(std::chrono::milliseconds(1));
    if (std::chrono::steady_clock::now() > until) {
      ADD_FAILURE() << "what was waited for does not come";
      return;
    }
  }
}

struct Answer {
  unsigned status = 0;                        ///< 0: the connection ended without one.
  std::map<std::string, std::string> fields;  ///< By lower-case name.
  std::string body;

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

class Asker {
 public:
  Asker(asio::io_context& io, const SocketAddress& to) : io_(io), fd_(connect_to(to).fd) {}

  void say(std::string_view text) {
    run_until(io_, [&] {
      const IoResult sent = try_send(fd_.borrow(), bytes_of(text));
      if (sent.status == IoStatus::failed) is_over_ = true;
      if (sent.status == IoStatus::done) text.remove_prefix(sent.count);
      return text.empty() || is_over_;
    });
  }

  /// The next answer.
  Answer hear() {
    Answer answer = hear_head();
    const auto size = parse_number<std::size_t>(answer.field("content-length")).value_or(0);
    run_until(io_, [&] { return heard_.size() >= size || !receive(); });
    answer.body = heard_.substr(0, size);
    heard_.erase(0, answer.body.size());
    return answer;
  }

  /// Status and fields alone.
  Answer hear_head() {
    Answer answer;
    const std::string head = hear_until("\r\n\r\n");
    if (head.empty()) return answer;
    bool is_first = true;
    for (const auto line : split(head, '\n')) {
      const auto text = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
      const auto colon = text.find(": ");
      if (is_first) answer.status = parse_number<unsigned>(text.substr(9, 3)).value_or(0);
      if (!is_first && colon != std::string_view::npos)
        answer.fields[to_lower(text.substr(0, colon))] = text.substr(colon + 2);
      is_first = false;
    }
    return answer;
  }

  /// All up to the mark, with it; nothing when the connection ends before.
  std::string hear_until(std::string_view mark) {
    std::size_t end = std::string::npos;
    run_until(io_, [&] {
      end = heard_.find(mark);
      return end != std::string::npos || !receive();
    });
    if (end == std::string::npos) return {};
    std::string text = heard_.substr(0, end + mark.size());
    heard_.erase(0, text.size());
    return text;
  }

  Answer ask(std::string_view request) {
    say(request);
    return hear();
  }

  /// Waits for the end; what came before it is in rest().
  void hear_end() {
    run_until(io_, [&] { return !receive(); });
  }
  /// Whether it has ended by now.
  bool has_ended() { return !receive(); }
  const std::string& rest() const { return heard_; }
  void close() { fd_.reset(); }
  int fd() const { return fd_.borrow(); }

 private:
  /// What is there; false at the end.
  bool receive() {
    std::array<char, 65536> bytes;
    while (!is_over_) {
      const IoResult result = try_receive(fd_.borrow(), std::as_writable_bytes(std::span(bytes)));
      if (result.status == IoStatus::would_block) return true;
      if (result.status == IoStatus::done) heard_.append(bytes.data(), result.count);
      if (result.status != IoStatus::done) is_over_ = true;
    }
    return false;
  }

  asio::io_context& io_;
  UniqueFd fd_;
  std::string heard_;
  bool is_over_ = false;
};

/// A request as a well-behaved asker puts it.
inline std::string request(std::string_view method, std::string_view target, std::string_view body = {},
                           std::string_view fields = {}) {
  std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n";
  if (method != "GET" && method != "HEAD") text += "Content-Type: application/json\r\n";
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace amb::test
