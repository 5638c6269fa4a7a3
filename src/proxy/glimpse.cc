// SPDX-License-Identifier: Apache-2.0
#include "proxy/glimpse.h"

#include <algorithm>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

namespace amb {

namespace {

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Glimpse::Seen& Glimpse::make_seen() {
  if (seen() != nullptr) return *storage_.seen;
  auto made = std::make_unique<Seen>();
  made->beginning = text_of(std::span(storage_.few).first(few_bytes_));
  few_bytes_ = 0;
  storage_.seen = made.release();
  return *storage_.seen;
}

void Glimpse::forget() {
  delete seen();
  few_bytes_ = 0;
  storage_.seen = nullptr;
}

AppProtocol Glimpse::recognise(std::span<const std::byte> bytes) const {
  return speaker_ == Direction::to_upstream ? recognise_request(bytes) : recognise_greeting(bytes);
}

void Glimpse::see(Direction direction, std::span<const std::byte> bytes) {
  try {
    look_at(direction, bytes);
  } catch (const std::bad_alloc&) {  // the session goes on; what it speaks is not known
    forget();
    end();
  }
}

void Glimpse::look_at(Direction direction, std::span<const std::byte> bytes) {
  if (stage_ == Stage::hello) {
    if (direction == Direction::to_upstream) read_hello(behind_beginning(bytes));
    return;
  }
  const bool has_begun = few_bytes_ != 0 || seen() != nullptr;
  if (has_begun && direction != speaker_) return finish();  // it is answered: there is no more to it
  speaker_ = direction;
  few_bytes_ != 0 ? see_behind_few(bytes) : see_first(behind_beginning(bytes));
}

void Glimpse::see_first(std::span<const std::byte> bytes) {
  const AppProtocol found = recognise(bytes);
  found == AppProtocol::none ? keep(bytes) : settle(found, bytes);
}

void Glimpse::see_behind_few(std::span<const std::byte> bytes) {
  std::array<std::byte, kFew + kTellingBytes> joined;
  const auto more = bytes.first(std::min(bytes.size(), kTellingBytes));
  auto* const end = std::ranges::copy(std::span(storage_.few).first(few_bytes_), joined.begin()).out;
  const std::span<const std::byte> all(joined.begin(), std::ranges::copy(more, end).out);
  const AppProtocol found = recognise(all);
  if (found != AppProtocol::none && found != AppProtocol::tls) return settle(found, all);
  if (found == AppProtocol::none && all.size() <= kFew) return keep(bytes);
  (void)make_seen();
  see_first(behind_beginning(bytes));
}

void Glimpse::settle(AppProtocol protocol, std::span<const std::byte> bytes) {
  protocol_ = protocol;
  if (protocol == AppProtocol::tls) return read_hello(bytes);
  if (protocol != AppProtocol::postgres || !is_postgres_tls_request(bytes)) return end();
  forget();
  stage_ = Stage::hello;  // if the server wants it; else something else comes, which ends this
}

void Glimpse::read_hello(std::span<const std::byte> bytes) {
  stage_ = Stage::hello;
  const AppProtocol inside = recognise_request(bytes);
  if (inside == AppProtocol::none) return keep(bytes);
  if (inside != AppProtocol::tls) return end();
  const std::size_t size = tls_record_size(bytes);
  if (bytes.size() < std::min(size, kMostBytes)) return keep(bytes);
  if (TlsHello hello = read_tls_hello(bytes); !hello.is_empty()) make_seen().hello = std::move(hello);
  end();
}

void Glimpse::finish() {
  if (is_over()) return;
  const bool has_begun = few_bytes_ != 0 || seen() != nullptr;
  if (protocol_ == AppProtocol::none && has_begun) protocol_ = AppProtocol::other;
  end();
}

/// All that has come, if some of it was kept.
std::span<const std::byte> Glimpse::behind_beginning(std::span<const std::byte> bytes) {
  if (few_bytes_ != 0) (void)make_seen();
  if (seen() == nullptr) return bytes;
  std::string& beginning = seen()->beginning;
  beginning += text_of(bytes.first(std::min(bytes.size(), kMostBytes - beginning.size())));
  return std::as_bytes(std::span(beginning));
}

/// Bytes that are kept already are those of a Seen.
void Glimpse::keep(std::span<const std::byte> bytes) {
  if (seen() != nullptr) return;
  if (few_bytes_ + bytes.size() <= kFew) {
    if (few_bytes_ == 0) storage_.few = {};
    std::ranges::copy(bytes, storage_.few.begin() + few_bytes_);
    few_bytes_ = static_cast<std::uint8_t>(few_bytes_ + bytes.size()) & 0xf;
    return;
  }
  make_seen().beginning += text_of(bytes.first(std::min(bytes.size(), kMostBytes)));
}

void Glimpse::end() {
  stage_ = Stage::over;
  if (hello() == nullptr) return forget();
  seen()->beginning = std::string();
}

}  // namespace amb
