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

#include "admin/guarded_path.h"
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

Error distrust(const std::string& path, const std::string& why) {
  return {"cannot trust what listens at", 0, path + ": " + why};
}

std::string user(unsigned uid) { return uid == 0 ? "root" : "uid " + std::to_string(uid); }

/// Why root should not talk to the program of user `uid` there; empty when nobody else can be there.
std::string root_doubts(const SocketAddress& address, unsigned uid) {
  const std::string path = address.path();
  const std::string weak = path.starts_with('@') ? path : unguarded_part(path, uid);
  if (weak.empty()) return {};
  return "it is " + user(uid) + ", expected is root; " +
         (path.starts_with('@') ? std::string("anybody can have such a name")
                                : "others than " + user(uid) + " and root can change " + escape_text(weak)) +
         ". Run the command as " + user(uid) +
         ", or let AMBASSADOR_CONTROL name a place in a folder that only " + user(uid) + " can write to";
}

/// Nothing when the program at the other end may hear what we have to say: files, passwords. The kernel tells
/// whose it is. Our own user's and root's may; to root also another user's, where nobody but that user can
/// have made the socket.
std::optional<Error> doubt(int fd, const SocketAddress& address, unsigned uid) {
  const std::string path = escape_text(address.path());
  const auto peer = peer_of(fd);
  if (!peer) return distrust(path, "the kernel does not say who it is");
  const auto ambiguous = ambiguous_uid();
  if (peer->uid == ambiguous)
    return distrust(path, "in this user namespace " + user(peer->uid) + " may be any user of the host");
  const bool is_abstract = address.path().starts_with('@');
  if (is_abstract && peer->pid == 0) return distrust(path, "it is in another container or PID namespace");
  if (is_trusted(*peer, uid, is_abstract ? Reach::abstract : Reach::file, ambiguous)) return std::nullopt;
  if (uid != 0) return distrust(path, "it is " + user(peer->uid) + ", expected is " + user(uid) + " or root");
  const std::string why = root_doubts(address, peer->uid);
  return why.empty() ? std::nullopt : std::optional(distrust(path, why));
}

/// One connection with a time to end by.
class Channel {
 public:
  Channel(asio::io_context& io, int stop_fd, Clock::time_point until)
      : socket_(io), stop_fd_(stop_fd), until_(until) {}

  /// Whom we reach there has not heard anything yet when this returns: what it is told is for one we trust.
  std::optional<Error> connect(const SocketAddress& address, unsigned uid) {
    const asio::generic::stream_protocol::endpoint endpoint(address.raw(), address.raw_size());
    error_code error;
    socket_.close(error);
    socket_.open(endpoint.protocol(), error);
    if (!error) socket_.non_blocking(true, error);
    if (!error) socket_.connect(endpoint, error);
    if (error) return Error{"cannot talk to", error.value(), escape_text(address.path())};
    (void)::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
    return doubt(socket_.native_handle(), address, uid);
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

/// That somebody is there and does not let us in, or is not to be trusted, says more than that nobody is.
bool is_somebody(const Error& error) {
  return error.code == 0 || error.code == EACCES || error.code == EPERM || error.code == EAGAIN;
}

/// The first place where somebody answers whom we trust.
Result<void> connect(Channel& channel, const ControlSearch& search) {
  if (search.is_off())
    return std::unexpected(Error{"AMBASSADOR_CONTROL=none: there is no control socket to talk to", 0, {}});
  const auto spots = control_spots(search);
  if (spots.front().addresses.empty())
    return std::unexpected(Error{"no socket can have the path", 0, escape_text(search.setting)});
  std::optional<Error> failure;
  for (const ControlSpot& spot : spots) {
    for (const SocketAddress& address : spot.addresses) {
      const auto error = channel.connect(address, search.uid);
      if (!error) return {};
      const bool tells_more = !failure || (failure->code != 0 && error->code == 0);
      if (tells_more && is_somebody(*error)) failure = error;
    }
  }
  if (failure) return std::unexpected(*failure);
  return std::unexpected(
      Error{"no ambassador answers at", 0,
            describe(spots) +
                "; is one running here, as this user? --control or AMBASSADOR_CONTROL names another place"});
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

Client::Presence Client::presence() const {
  asio::io_context io(1);
  Channel channel(io, stop_fd_, Clock::now());
  Presence presence = Presence::nobody;
  for (const ControlSpot& spot : control_spots(search_)) {
    for (const SocketAddress& address : spot.addresses) {
      const auto error = channel.connect(address, search_.uid);
      if (!error) return Presence::trusted;
      if (is_somebody(*error)) presence = Presence::other;
    }
  }
  return presence;
}

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
