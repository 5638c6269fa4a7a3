// SPDX-License-Identifier: Apache-2.0
//
// Spans of sessions as OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding):
// identifiers in hex, 64-bit numbers as text. Attributes are named by OpenTelemetry's conventions where there
// are such, else ambassador.*.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace amb {

/// An address as it is told: IP and port, or neither for a UNIX socket.
struct SpanPeer {
  std::string host;
  std::uint16_t port = 0;
};

/// One session, from accept to close. It carries nobody's context: the bytes are not looked into, so each is
/// a trace.
struct Span {
  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};
  std::int64_t start_ms = 0;                 ///< Since 1970, UTC.
  std::int64_t end_ms = 0;                   ///< The same.
  std::optional<std::int64_t> connected_ms;  ///< The same; nothing when there never was an upstream.
  std::string link;
  SpanPeer downstream;
  SpanPeer upstream;
  std::uint64_t bytes_to_upstream = 0;
  std::uint64_t bytes_to_downstream = 0;
  std::string relay;         ///< "copy", "splice".
  std::string close_reason;  ///< "eof", "connect_refused".
  std::string close_side;    ///< Whose doing that was.
  std::string error;         ///< errno in words; may be empty.
  std::string protocol;      ///< "none" when nothing was seen.
  std::string server_name;   ///< That a TLS client asked for.
  bool is_error = false;     ///< Ours or the provider's.
};

/// Who sends them: attributes of the resource.
using SpanResource = std::vector<std::pair<std::string, std::string>>;

/// An ExportTraceServiceRequest. Text is made valid UTF-8 by escaping what is not.
std::string otlp_json(std::span<const Span> spans, const SpanResource& resource, const std::string& version);

/// What a collector says of spans that it did not take: their number and its reason; nothing when it took
/// all.
struct PartialSuccess {
  std::uint64_t rejected = 0;
  std::string message;
};
std::optional<PartialSuccess> read_partial_success(std::string_view answer);

}  // namespace amb
