// SPDX-License-Identifier: Apache-2.0
//
// What peers of the admin API can make us use, at most. Connections, streams and bytes are shared out by who
// asks (http_hub.h), so that no class can take another's.
#pragma once

#include <chrono>
#include <cstddef>

namespace amb {

struct HttpLimits {
  std::size_t connections = 128;             ///< Over all listeners and classes; three are the fewest.
  std::size_t streams = 32;                  ///< Of these, those that follow events; at most half of a class.
  std::size_t questions = 4;                 ///< Of a class, those that take a while, at the same time.
  std::size_t body_bytes = 2 * 1024 * 1024;  ///< Of a class: bodies that come, or are being answered.
  std::size_t answer_bytes = 512 * 1024;     ///< Of a class: answers that go. One of any length can go alone.
  std::size_t head_bytes = 8 * 1024;
  std::chrono::milliseconds request_time{
      5000};                                    ///< From a request's first byte, or the connect, to its last.
  std::chrono::milliseconds idle_time{60000};   ///< From an answer to the next request.
  std::chrono::milliseconds write_time{10000};  ///< For an answer, or one piece of a stream.
  std::chrono::milliseconds linger_time{1000};  ///< For a peer that is refused to read why.
  std::chrono::milliseconds accept_pause{100};  ///< After accept has failed, for want of descriptors.
  std::chrono::milliseconds stream_pause{15000};  ///< A stream says at least so often that it is alive.
};

}  // namespace amb
