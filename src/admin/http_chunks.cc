// SPDX-License-Identifier: Apache-2.0
#include "admin/http_chunks.h"

#include <algorithm>
#include <optional>

namespace amb {

namespace {

using Fault = std::unexpected<HttpFault>;

Fault broken_chunk() { return Fault(HttpFault{.what = "the chunks of the request's body are malformed"}); }

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a' + 10);
  return std::nullopt;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < ' ' && byte != '\t') || byte == 0x7f;
}

}  // namespace

std::expected<bool, HttpFault> HttpChunks::read(std::string_view& bytes, std::string& body) {
  while (!bytes.empty() && at_ != At::done) {
    if (at_ == At::data) {
      take_data(bytes, body);
      continue;
    }
    const auto then = next(bytes.front(), most_ - body.size());
    if (!then) return Fault(then.error());
    at_ = *then;
    bytes.remove_prefix(1);
    if (++framing_ > kFramingBytes + body.size())
      return Fault(HttpFault{.status = 413, .what = "the body of the request is mostly not data"});
  }
  return at_ == At::done;
}

void HttpChunks::take_data(std::string_view& bytes, std::string& body) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  body.append(bytes.substr(0, count));
  bytes.remove_prefix(count);
  left_ -= count;
  if (left_ == 0) at_ = At::data_cr;
}

std::expected<HttpChunks::At, HttpFault> HttpChunks::next(char byte, std::size_t room) {
  switch (at_) {
    case At::size:
    case At::more_size:
      return next_of_size(byte, room);
    case At::extension:
      if (byte == '\r') return At::size_end;
      if (is_control(byte)) return broken_chunk();
      return At::extension;
    case At::size_end:
      if (byte != '\n') return broken_chunk();
      return left_ == 0 ? At::trailer : At::data;
    case At::data_cr:
      if (byte != '\r') return broken_chunk();
      return At::data_lf;
    case At::data_lf:
      if (byte != '\n') return broken_chunk();
      return At::size;
    case At::trailer:
    case At::more_trailer:
      if (byte == '\r') return at_ == At::trailer ? At::last_lf : At::trailer_lf;
      if (is_control(byte)) return broken_chunk();
      return At::more_trailer;
    case At::trailer_lf:
      if (byte != '\n') return broken_chunk();
      return At::trailer;
    case At::last_lf:
      if (byte != '\n') return broken_chunk();
      return At::done;
    case At::data:
    case At::done:
      break;
  }
  return broken_chunk();
}

std::expected<HttpChunks::At, HttpFault> HttpChunks::next_of_size(char byte, std::size_t room) {
  if (const auto digit = hex_digit(byte)) {
    left_ = left_ * 16 + *digit;  // stays below 16 * room
    if (left_ > room) {
      return Fault(HttpFault{.status = 413,
                             .what = "the body of the request is too long",
                             .accepted = "at most " + std::to_string(most_) + " bytes"});
    }
    return At::more_size;
  }
  if (at_ == At::size) return broken_chunk();
  if (byte == ';' || byte == ' ' || byte == '\t') return At::extension;
  if (byte == '\r') return At::size_end;
  return broken_chunk();
}

}  // namespace amb
