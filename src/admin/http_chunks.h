// SPDX-License-Identifier: Apache-2.0
//
// A body in chunks (RFC 9112, 7.1). What stands around the data, sizes, extensions and trailers, is passed
// over as it comes and kept nowhere; there may be as much of it as of data, and 16 KiB more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "admin/http_head.h"

namespace amb {

class HttpChunks {
 public:
  static constexpr std::size_t kFramingBytes = 16 * 1024;

  explicit HttpChunks(std::size_t most) : most_(most) {}

  /// Takes what it has read off `bytes`; the data goes to the end of `body`. True after the last byte.
  std::expected<bool, HttpFault> read(std::string_view& bytes, std::string& body);

 private:
  enum class At {
    size,       ///< The first digit of a size.
    more_size,  ///< Behind the first.
    extension,
    size_end,  ///< The LF of a size's line.
    data,
    data_cr,
    data_lf,
    trailer,  ///< A line's first byte; CR ends it all.
    more_trailer,
    trailer_lf,
    last_lf,
    done
  };

  /// A byte that is no data.
  std::expected<At, HttpFault> next(char byte, std::size_t room);
  std::expected<At, HttpFault> next_of_size(char byte, std::size_t room);
  void take_data(std::string_view& bytes, std::string& body);

  std::size_t most_;
  std::uint64_t left_ = 0;   ///< Of this chunk's data.
  std::size_t framing_ = 0;  ///< Bytes that were no data.
  At at_ = At::size;
};

}  // namespace amb
