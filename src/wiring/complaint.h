// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a piece of text, before anyone knows where the text came from. With an Origin and the
// whole value it becomes a Problem. Both sentences are safe to print: foreign text inside is escaped.
#pragma once

#include <expected>
#include <string>

#include "wiring/told_list.h"

namespace amb {

struct Complaint {
  std::string what;
  std::string accepted;
};

using Complaints = ToldList<Complaint>;

template <class T>
using Checked = std::expected<T, Complaint>;

}  // namespace amb
