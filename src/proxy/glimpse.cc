// SPDX-License-Identifier: Apache-2.0
#include "proxy/glimpse.h"

#include <algorithm>
#include <string_view>

namespace amb {

namespace {

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void Glimpse::see(Direction direction, std::span<const std::byte> bytes) {
  if (stage_ == Stage::hello) {
    if (direction == Direction::to_upstream) read_hello(behind_beginning(bytes));
    return;
  }
  if (seen_ != nullptr && direction != speaker_) return finish();  // it is answered: there is no more to it
  speaker_ = direction;
  recognise(behind_beginning(bytes));
}

void Glimpse::recognise(std::span<const std::byte> bytes) {
  const AppProtocol found =
      speaker_ == Direction::to_upstream ? recognise_request(bytes) : recognise_greeting(bytes);
  if (found == AppProtocol::none) return keep(bytes);
  protocol_ = found;
  if (found == AppProtocol::tls) return read_hello(bytes);
  if (found != AppProtocol::postgres || !is_postgres_tls_request(bytes)) return end();
  seen_.reset();
  stage_ = Stage::hello;  // if the server wants it; else something else comes, which ends this
}

void Glimpse::read_hello(std::span<const std::byte> bytes) {
  stage_ = Stage::hello;
  const AppProtocol inside = recognise_request(bytes);
  if (inside == AppProtocol::none) return keep(bytes);
  if (inside != AppProtocol::tls) return end();
  const std::size_t size = tls_record_size(bytes);
  if (bytes.size() < std::min(size, kMostBytes)) return keep(bytes);
  if (TlsHello hello = read_tls_hello(bytes); !hello.is_empty()) {
    if (seen_ == nullptr) seen_ = std::make_unique<Seen>();
    seen_->hello = std::move(hello);
  }
  end();
}

void Glimpse::finish() {
  if (is_over()) return;
  if (protocol_ == AppProtocol::none && seen_ != nullptr) protocol_ = AppProtocol::other;
  end();
}

/// All that has come, if some of it was kept.
std::span<const std::byte> Glimpse::behind_beginning(std::span<const std::byte> bytes) {
  if (seen_ == nullptr) return bytes;
  std::string& beginning = seen_->beginning;
  beginning += text_of(bytes.first(std::min(bytes.size(), kMostBytes - beginning.size())));
  return std::as_bytes(std::span(beginning));
}

void Glimpse::keep(std::span<const std::byte> bytes) {
  if (seen_ != nullptr) return;  // then `bytes` are those that are kept
  seen_ = std::make_unique<Seen>();
  seen_->beginning = text_of(bytes.first(std::min(bytes.size(), kMostBytes)));
}

void Glimpse::end() {
  stage_ = Stage::over;
  if (seen_ == nullptr) return;
  if (seen_->hello.is_empty()) return seen_.reset();
  seen_->beginning = std::string();
}

}  // namespace amb
