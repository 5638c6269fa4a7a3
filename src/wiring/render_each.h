// SPDX-License-Identifier: Apache-2.0
//
// A JSON array of whatever a range holds.
#pragma once

#include <boost/json/array.hpp>

namespace amb {

template <class Range, class Render>
boost::json::array render_each(const Range& range, Render render) {
  boost::json::array result;
  for (const auto& item : range) result.push_back(render(item));
  return result;
}

}  // namespace amb
