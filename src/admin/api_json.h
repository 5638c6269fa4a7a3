// SPDX-License-Identifier: Apache-2.0
//
// The values of Control as the JSON that docs/openapi.yaml describes: keys are the names of the fields.
#pragma once

#include <string>

#include "admin/control.h"

namespace amb {

std::string to_json(const ProgramStatus& status);
std::string to_json(const std::vector<LinkStatus>& links);  ///< {"links": […]}
std::string to_json(const LinkStatus& link);
std::string to_json(const SessionList& sessions);
std::string to_json(const WhyAnswer& why);
std::string to_json(const ChangeResult& change);
std::string to_json(const Readiness& readiness);
std::string to_json(const ControlError& error);

}  // namespace amb
