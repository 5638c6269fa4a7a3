// SPDX-License-Identifier: Apache-2.0
#include "admin/http_reader.h"

#include <algorithm>
#include <utility>

namespace amb {

namespace {

using Fault = std::unexpected<HttpFault>;
constexpr std::string_view kEmptyLine = "\r\n\r\n";

}  // namespace

std::span<char> HttpReader::room() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kReadBytes);
  return std::span(buffer_).subspan(before);
}

void HttpReader::received(std::size_t count) { buffer_.resize(buffer_.size() - kReadBytes + count); }

std::expected<bool, HttpFault> HttpReader::read_head() {
  // The line end that some send behind a body (RFC 9112, 2.2).
  if (!has_passed_line_end_ && unread().starts_with("\r\n")) {
    begin_ += 2;
    has_passed_line_end_ = true;
  }
  const auto bytes = unread();
  const std::size_t end = bytes.find(kEmptyLine, looked_at_);
  const bool is_complete = end != std::string_view::npos;
  head_size_ = is_complete ? end + kEmptyLine.size() : 0;
  if ((is_complete ? head_size_ : bytes.size()) > head_bytes_) {
    return Fault(HttpFault{.status = 431,
                           .what = "the head of the request is too long",
                           .accepted = "at most " + std::to_string(head_bytes_) + " bytes"});
  }
  looked_at_ = is_complete ? 0 : bytes.size() - std::min(bytes.size(), kEmptyLine.size() - 1);
  if (!is_complete) return false;
  auto head = parse_head(bytes.substr(0, head_size_));
  if (!head) return Fault(std::move(head.error()));
  head_ = std::move(*head);
  return true;
}

std::optional<HttpFault> HttpReader::begin_body(std::size_t most) {
  const auto length = head_.length.value_or(0);
  const bool is_chunked = head_.is_chunked;
  head_ = {};
  has_passed_line_end_ = false;
  begin_ += std::exchange(head_size_, 0);
  if (length > most) {
    return HttpFault{.status = 413,
                     .what = "the body of the request is too long",
                     .accepted = "at most " + std::to_string(most) + " bytes"};
  }
  left_ = static_cast<std::size_t>(length);
  chunks_.reset();
  if (is_chunked) chunks_.emplace(most);
  body_.clear();
  return std::nullopt;
}

std::expected<bool, HttpFault> HttpReader::read_body() {
  auto bytes = unread();
  std::expected<bool, HttpFault> is_done = true;
  if (chunks_) {
    is_done = chunks_->read(bytes, body_);
  } else {
    const std::size_t count = std::min(left_, bytes.size());
    body_.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    left_ -= count;
    is_done = left_ == 0;
  }
  begin_ = buffer_.size() - bytes.size();
  return is_done;
}

}  // namespace amb
