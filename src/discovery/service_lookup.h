// SPDX-License-Identifier: Apache-2.0
//
// One question to the resolver: which servers offer this service now? Asked through c-ares for the SRV
// records of a name such as "_redis._tcp.example". The hosts file knows none.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>

#include "discovery/name_files.h"
#include "discovery/srv_answer.h"

namespace amb {

/// Answers within a few seconds. The question dies with the io_context; `files` must outlive it.
void look_up_service(boost::asio::io_context& io, NameFiles& files, const std::string& name,
                     OnAnswer<ServiceRecord> on_answer);

}  // namespace amb
