// SPDX-License-Identifier: Apache-2.0
//
// The text of a TOML file (toml.io, version 1.0) as a tree of plain values, each with the place it was
// written at. Knows nothing of links; the only file that sees toml++.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace amb {

/// Counted from 1; columns count characters, not bytes.
struct TomlPlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  auto operator<=>(const TomlPlace&) const = default;
};

struct TomlEntry;

struct TomlValue {
  enum class Kind { string, integer, boolean, array, table, fraction, date };
  Kind kind = Kind::table;
  TomlPlace place;
  std::string text;                ///< Of strings, integers ("-5") and booleans ("true"); foreign text.
  std::vector<TomlValue> items;    ///< Of an array.
  std::vector<TomlEntry> entries;  ///< Of a table, in the file's order.
};

struct TomlEntry {
  std::string key;  ///< Foreign text.
  TomlPlace place;  ///< Of the key.
  TomlValue value;
};

/// Why a text is no TOML: the first mistake, for a parser cannot know what comes behind it.
struct TomlError {
  TomlPlace place;
  std::string what;  ///< May quote the text; escape before printing.
};

/// The table that is the whole file.
std::expected<TomlValue, TomlError> parse_toml(std::string_view text);

/// "a string", "an array".
std::string_view to_string(TomlValue::Kind kind);

/// The entry of a table, or nothing.
const TomlEntry* find_entry(const TomlValue& table, std::string_view key);

}  // namespace amb
