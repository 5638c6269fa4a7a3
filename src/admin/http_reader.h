// SPDX-License-Identifier: Apache-2.0
//
// Requests out of bytes, without a socket: whoever has received some puts them into room(), and reads on.
// Everything is bounded by what has been received, and by the two limits of whoever asks: a head's, and each
// body's, which is known once the head has been looked at.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "admin/http_chunks.h"
#include "admin/http_head.h"

namespace amb {

class HttpReader {
 public:
  static constexpr std::size_t kReadBytes = 4096;

  explicit HttpReader(std::size_t head_bytes) : head_bytes_(head_bytes) {}

  /// kReadBytes to receive into; then received() says how many came. Only when reading on needs more.
  std::span<char> room();
  void received(std::size_t count);
  /// Nothing has been received that was not read.
  bool is_empty() const { return unread_bytes() == 0; }
  std::size_t unread_bytes() const { return buffer_.size() - begin_; }

  /// Nobody wants to know what it was.
  void forget() { begin_ = buffer_.size(); }

  /// False: it needs more bytes.
  std::expected<bool, HttpFault> read_head();
  /// Once it was read, until begin_body().
  const HttpHead& head() const { return head_; }

  /// Forgets the head. A body that is announced to be longer than `most` is refused at once.
  std::optional<HttpFault> begin_body(std::size_t most);
  /// False: it needs more bytes. After true the next head can be read.
  std::expected<bool, HttpFault> read_body();
  const std::string& body() const { return body_; }  ///< As far as it was read.
  std::string take_body() { return std::move(body_); }

 private:
  std::string_view unread() const { return std::string_view(buffer_).substr(begin_); }

  std::size_t head_bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;             ///< Of what is not read yet, in buffer_.
  std::size_t looked_at_ = 0;         ///< Bytes of unread() in which no head ends.
  bool has_passed_line_end_ = false;  ///< Before the head.
  HttpHead head_;
  std::size_t head_size_ = 0;
  std::optional<HttpChunks> chunks_;
  std::size_t left_ = 0;  ///< Of a body whose length was said.
  std::string body_;
};

}  // namespace amb
