// SPDX-License-Identifier: Apache-2.0
#include "app/json_fields.h"

#include <boost/json/parse.hpp>

#include "base/text.h"

namespace amb {

namespace json = boost::json;

json::value parse_answer(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  return error ? json::value(nullptr) : value;
}

const json::value& field(const json::value& object, std::string_view key) {
  static const json::value kNothing;
  if (!object.is_object()) return kNothing;
  const json::value* value = object.get_object().if_contains(json::string_view(key.data(), key.size()));
  return value == nullptr ? kNothing : *value;
}

std::string text_of(const json::value& value) {
  if (!value.is_string()) return {};
  return escape_text({value.get_string().data(), value.get_string().size()});
}

std::uint64_t number_of(const json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  return value.is_int64() && value.get_int64() > 0 ? static_cast<std::uint64_t>(value.get_int64()) : 0;
}

std::string text_field(const json::value& object, std::string_view key) {
  return text_of(field(object, key));
}

std::uint64_t number_field(const json::value& object, std::string_view key) {
  return number_of(field(object, key));
}

bool flag_field(const json::value& object, std::string_view key) {
  const json::value& value = field(object, key);
  return value.is_bool() && value.get_bool();
}

const json::array& list_field(const json::value& object, std::string_view key) {
  static const json::array kNone;
  const json::value& value = field(object, key);
  return value.is_array() ? value.get_array() : kNone;
}

const json::object& map_field(const json::value& object, std::string_view key) {
  static const json::object kNone;
  const json::value& value = field(object, key);
  return value.is_object() ? value.get_object() : kNone;
}

std::string joined_field(const json::value& object, std::string_view key) {
  std::string text;
  for (const json::value& one : list_field(object, key)) text += (text.empty() ? "" : ", ") + text_of(one);
  return text;
}

}  // namespace amb
