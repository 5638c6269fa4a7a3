// SPDX-License-Identifier: Apache-2.0
//
// A look at a session's first bytes while they pass through the worker's buffer, to tell which protocol it
// speaks and whom a TLS client wants. The stream is neither touched nor held up: bytes are looked at where
// they are, and only a beginning that came in pieces is copied, kMostBytes at most, until it can be told.
//
//   first ──who speaks first is recognised──▶ over
//     │                                        ▲
//     └──TLS, or postgres that asks for it──▶ hello ──the ClientHello is read──┘
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "proxy/app_protocol.h"
#include "proxy/direction.h"
#include "proxy/tls_hello.h"

namespace amb {

class Glimpse {
 public:
  /// A ClientHello with a post-quantum key share has some 1,800 bytes.
  static constexpr std::size_t kMostBytes = 4096;

  explicit Glimpse(bool is_allowed) : stage_(is_allowed ? Stage::first : Stage::over) {}
  ~Glimpse() { forget(); }
  Glimpse(const Glimpse&) = delete;
  Glimpse& operator=(const Glimpse&) = delete;

  bool is_over() const { return stage_ == Stage::over; }
  AppProtocol protocol() const { return protocol_; }

  /// What has just been received for `direction`. Only while !is_over(). Without memory it is over.
  void see(Direction direction, std::span<const std::byte> bytes);

  /// No more will come: what was seen must do.
  void finish();

  /// Null where there was none, or it says nothing.
  const TlsHello* hello() const {
    return seen() == nullptr || seen()->hello.is_empty() ? nullptr : &seen()->hello;
  }

 private:
  enum class Stage : std::uint8_t { first, hello, over };

  /// Made only for long beginnings in pieces, and for what a TLS client says.
  struct Seen {
    std::string beginning;
    TlsHello hello;
  };

  /// A short beginning, which is all that mostly is missing, lies where the pointer would: it costs no
  /// memory.
  static constexpr std::size_t kFew = sizeof(Seen*);
  union Storage {
    Seen* seen = nullptr;
    std::array<std::byte, kFew> few;
  };

  Seen* seen() const { return few_bytes_ == 0 ? storage_.seen : nullptr; }
  void look_at(Direction direction, std::span<const std::byte> bytes);
  Seen& make_seen();
  void forget();

  AppProtocol recognise(std::span<const std::byte> bytes) const;
  void see_first(std::span<const std::byte> bytes);
  void see_behind_few(std::span<const std::byte> bytes);
  void settle(AppProtocol protocol, std::span<const std::byte> bytes);
  void read_hello(std::span<const std::byte> bytes);
  std::span<const std::byte> behind_beginning(std::span<const std::byte> bytes);
  void keep(std::span<const std::byte> bytes);
  void end();

  Storage storage_;
  AppProtocol protocol_ = AppProtocol::none;
  Stage stage_ : 2;
  Direction speaker_ : 1 = Direction::to_upstream;  ///< Of the bytes that were kept.
  std::uint8_t few_bytes_ : 4 = 0;                  ///< In storage_.few; then there is no Seen.
};

}  // namespace amb
