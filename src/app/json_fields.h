// SPDX-License-Identifier: Apache-2.0
//
// The fields of an answer of the control API, for printing: what is missing or of another kind, because the
// program that answers is a newer or an older one, is empty. Text is escaped.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace amb {

/// null when it is no JSON.
boost::json::value parse_answer(std::string_view text);

const boost::json::value& field(const boost::json::value& object, std::string_view key);
std::string text_field(const boost::json::value& object, std::string_view key);
std::uint64_t number_field(const boost::json::value& object, std::string_view key);
bool flag_field(const boost::json::value& object, std::string_view key);
const boost::json::array& list_field(const boost::json::value& object, std::string_view key);
const boost::json::object& map_field(const boost::json::value& object, std::string_view key);

/// "a, b" of an array of texts.
std::string joined_field(const boost::json::value& object, std::string_view key);

std::string text_of(const boost::json::value& value);
std::uint64_t number_of(const boost::json::value& value);

}  // namespace amb
