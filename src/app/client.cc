// SPDX-License-Identifier: Apache-2.0
#include "app/client.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <optional>

#include "admin/peer_identity.h"
#include "base/text.h"

namespace amb {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Socket = asio::generic::stream_protocol::socket;

constexpr std::size_t kReadBytes = 65536;
constexpr std::uint64_t kMostReplyBytes = std::uint64_t{256} << 20U;

/// Whether what listens there may be believed. Root believes everybody, for it may look into every container.
bool is_believable(int fd, ControlSpot::Kind kind, unsigned uid) {
  if (kind == ControlSpot::Kind::told) return true;
  const auto peer = peer_of(fd);
  if (!peer) return false;
  const Reach reach = kind == ControlSpot::Kind::abstract ? Reach::abstract : Reach::file;
  return is_trusted(*peer, uid == 0 ? peer->uid : uid, reach);
}

/// One connection with a time to end by.
class Channel {
 public:
  Channel(asio::io_context& io, int stop_fd, Clock::time_point until)
      : socket_(io), stop_fd_(stop_fd), until_(until) {}

  /// 0, or an errno.
  int connect(const SocketAddress& address, ControlSpot::Kind kind, unsigned uid) {
    const asio::generic::stream_protocol::endpoint endpoint(address.raw(), address.raw_size());
    error_code error;
    socket_.close(error);
    socket_.open(endpoint.protocol(), error);
    if (!error) socket_.non_blocking(true, error);
    if (!error) socket_.connect(endpoint, error);
    if (error) return error.value();
    (void)::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
    return is_believable(socket_.native_handle(), kind, uid) ? 0 : EPERM;
  }

  bool send(std::string_view text) {
    while (!text.empty()) {
      error_code error;
      text.remove_prefix(socket_.write_some(asio::buffer(text.data(), text.size()), error));
      if (error && (error != asio::error::would_block || !wait(POLLOUT))) return false;
    }
    return true;
  }

  /// Nothing at the end, or when waiting was in vain.
  std::string_view receive() {
    for (;;) {
      error_code error;
      const std::size_t count = socket_.read_some(asio::buffer(bytes_), error);
      if (!error) return {bytes_.data(), count};
      if (error != asio::error::would_block || !wait(POLLIN)) return {};
    }
  }

  bool is_late() const { return is_late_; }
  bool was_stopped() const { return was_stopped_; }

 private:
  bool wait(short events) {
    std::array<pollfd, 2> both{{{socket_.native_handle(), events, 0}, {stop_fd_, POLLIN, 0}}};
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - Clock::now()).count();
      const bool is_endless = until_ == Clock::time_point::max();
      const int ready =
          ::poll(both.data(), both.size(), is_endless ? -1 : static_cast<int>(std::max<long>(left, 0)));
      if (ready < 0 && errno == EINTR) continue;
      is_late_ = ready == 0;
      was_stopped_ = both[1].revents != 0;
      return ready > 0 && !was_stopped_;
    }
  }

  Socket socket_;
  int stop_fd_;
  Clock::time_point until_;
  std::array<char, kReadBytes> bytes_;
  bool is_late_ = false;
  bool was_stopped_ = false;
};

/// The first place where somebody answers whom we believe.
Result<void> connect(Channel& channel, const ControlSearch& search) {
  if (search.is_off())
    return std::unexpected(Error{"AMBASSADOR_CONTROL=none: there is no control socket to talk to", 0, {}});
  const auto spots = control_spots(search);
  if (spots.front().addresses.empty())
    return std::unexpected(Error{"no socket can have the path", 0, escape_text(search.setting)});
  Error failure{"no ambassador answers at", ENOENT, describe(spots)};
  for (const ControlSpot& spot : spots) {
    for (const SocketAddress& address : spot.addresses) {
      const int error = channel.connect(address, spot.kind, search.uid);
      if (error == 0) return {};
      // That somebody is there and does not let us in says more than that nobody is.
      if (error == EACCES || error == EPERM || error == EAGAIN)
        failure = {"cannot talk to", error, address.path()};
    }
  }
  if (failure.code == ENOENT) {
    failure.code = 0;
    failure.detail +=
        "; is one running here, as this user? --control or AMBASSADOR_CONTROL names another place";
  }
  return std::unexpected(failure);
}

std::string request_of(std::string_view method, const std::string& target, const std::string& body) {
  std::string text =
      std::string(method) + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  if (method != "GET") {
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text + "\r\n" + body;
}

Error no_answer(const Channel& channel) {
  return {channel.is_late() ? "the ambassador does not answer in time"
                            : "the ambassador ended before it had answered",
          0,
          {}};
}

/// The status, and off with the head; 0 while it is not complete.
unsigned take_head(std::string& received) {
  constexpr std::size_t kStatus = std::string_view("HTTP/1.1 ").size();
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  const auto status = parse_number<unsigned>(std::string_view(received).substr(std::min(kStatus, end), 3));
  received.erase(0, end + 4);
  return status.value_or(502);
}

}  // namespace

Result<Reply> Client::ask(std::string_view method, const std::string& target, const std::string& body,
                          std::chrono::milliseconds within) const {
  asio::io_context io(1);
  Channel channel(io, stop_fd_, Clock::now() + within);
  if (const auto connected = connect(channel, search_); !connected) return std::unexpected(connected.error());
  (void)channel.send(request_of(method, target, body));  // it may have answered before it read all
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMostReplyBytes);
  parser.eager(true);
  std::string received;
  while (!parser.is_done()) {
    const auto more = channel.receive();
    if (more.empty()) return std::unexpected(no_answer(channel));
    received += more;
    error_code error;
    received.erase(0, parser.put(asio::const_buffer(received.data(), received.size()), error));
    if (error && error != http::error::need_more)
      return std::unexpected(Error{"what answers is no ambassador: " + escape_text(error.message()), 0, {}});
  }
  return Reply{parser.get().result_int(), std::move(parser.get().body())};
}

Result<Reply> Client::follow(const std::string& target,
                             const std::function<bool(std::string_view)>& take) const {
  asio::io_context io(1);
  Channel channel(io, stop_fd_, Clock::time_point::max());
  if (const auto connected = connect(channel, search_); !connected) return std::unexpected(connected.error());
  (void)channel.send(request_of("GET", target, {}));
  Reply reply;
  std::string received;
  for (auto more = channel.receive(); !more.empty(); more = channel.receive()) {
    received += more;
    if (reply.status == 0) reply.status = take_head(received);
    if (!reply.is_fine()) continue;  // its body is short
    std::size_t begin = 0;
    for (std::size_t end; (end = received.find('\n', begin)) != std::string::npos; begin = end + 1) {
      if (!take(std::string_view(received).substr(begin, end - begin))) return reply;
    }
    received.erase(0, begin);
  }
  if (channel.was_stopped()) return Reply{200, {}};
  if (reply.status == 0) return std::unexpected(no_answer(channel));
  reply.body = std::move(received);
  return reply;
}

std::string encode_segment(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          std::string_view("-._~").find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain) {
      encoded += c;
    } else {
      encoded += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return encoded;
}

}  // namespace amb
