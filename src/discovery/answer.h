// SPDX-License-Identifier: Apache-2.0
//
// What a question to the resolver comes back with, whatever was asked for.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace amb {

template <class Record>
struct Answer {
  enum class Kind {
    found,   ///< `records` holds at least one.
    none,    ///< The name does not exist, or has no such record: an answer, not a failure.
    failed,  ///< No server answered, or it answered with a failure. Says nothing about the name.
  };
  Kind kind = Kind::failed;
  std::vector<Record> records;
  std::chrono::seconds ttl{0};  ///< The shortest of the records; 0 from the hosts file.
  std::string error;            ///< For people, when not found.
};

/// Called exactly once, from the io_context, never inside the call that asks.
template <class Record>
using OnAnswer = std::move_only_function<void(Answer<Record>)>;

}  // namespace amb
