// SPDX-License-Identifier: Apache-2.0
//
// The head of a request, read strictly (RFC 9112): where two readers could disagree on where a request ends
// or whom it is for, it is refused. Reading it allocates nothing but the list of fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amb {

/// Why a request cannot be read. It is the last of its connection.
struct HttpFault {
  unsigned status = 400;
  std::string_view what;
  std::string accepted = {};
};

/// Views into the bytes it was read from.
struct HttpHead {
  static constexpr std::size_t kMostFields = 100;

  struct Field {
    std::string_view name;
    std::string_view value;  ///< Without spaces and tabs around it.
  };

  std::string_view method;
  std::string_view authority;  ///< Of the target if it has one, as for a proxy; else of Host. May be empty.
  std::string_view target;     ///< "/path?query"; "" or "?query" where only an authority stands before it.
  std::vector<Field> fields;

  // What the fields say of the message and of the connection.
  std::optional<std::uint64_t> length;
  bool is_chunked = false;
  bool is_kept = false;  ///< The connection may be used again.
  bool expects_continue = false;

  std::size_t count(std::string_view name) const;
  /// Of the first of that name; empty without one.
  std::string_view value(std::string_view name) const;
  /// Of all of that name, as one list.
  std::string joined(std::string_view name) const;
  bool has_body() const { return is_chunked || length.value_or(0) > 0; }
};

/// `text` is all from the method to the empty line, with it.
std::expected<HttpHead, HttpFault> parse_head(std::string_view text);

/// A token (RFC 9110, 5.6.2): what methods and the names of fields are made of.
bool is_token(std::string_view text);

}  // namespace amb
