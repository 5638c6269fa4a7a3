// SPDX-License-Identifier: Apache-2.0
//
// How the control API's smaller answers read: what a change does, why something was turned down, a line of
// the log.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "app/terminal.h"

namespace amb {

/// "+ web", "~ redis  upstream tcp://a:1 -> tcp://b:1", "- old": a line for each detail. Empty when nothing
/// changes.
std::string plan_text(const boost::json::value& change, const Screen& screen);

/// What the check of a rewire's targets found, a line for each, and what becomes of the sessions at former
/// endpoints. Empty when nothing was checked.
std::string findings_text(const boost::json::value& change, const Screen& screen);

/// Of a rewire that was made: a line for each target that is not up.
std::string findings_warning(const boost::json::value& change);

/// An error and its problems, for standard error.
std::string error_text(const boost::json::value& error);

/// A JSON line of the log as the text log has it.
std::string event_text(const boost::json::value& event, bool colour);

}  // namespace amb
