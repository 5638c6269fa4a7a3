// SPDX-License-Identifier: Apache-2.0
//
// One export of spans: a POST to the collector on a connection of its own, and what its answer means. At most
// one a second is made, so keeping a connection would save little, and none can be kept waiting on.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wiring/trace_settings.h"

namespace amb {

struct ExportOutcome {
  enum class Kind {
    taken,    ///< All of it, but for `rejected`.
    again,    ///< Later: it could not be sent, or the collector asks for that.
    refused,  ///< For good.
  };
  Kind kind = Kind::again;
  std::string error;                          ///< In words, unless all was taken.
  std::uint64_t rejected = 0;                 ///< Spans of a batch that was taken, which were not.
  std::optional<std::chrono::seconds> pause;  ///< That the collector asks for before the next attempt.
};

/// What an answer means (https://opentelemetry.io/docs/specs/otlp/#failures). `retry_after` is the field's
/// value.
ExportOutcome judge_export(unsigned status, std::string_view retry_after, std::string_view body);

/// Ends within ten seconds, or a few more while a name is looked up.
boost::asio::awaitable<ExportOutcome> post_spans(boost::asio::io_context& io, const TraceSettings& settings,
                                                 const std::string& body);

}  // namespace amb
