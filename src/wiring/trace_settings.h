// SPDX-License-Identifier: Apache-2.0
//
// Where spans of sessions are sent, and what is said with them: AMBASSADOR_TRACES and
// AMBASSADOR_TRACES_SAMPLE turn it on, the variables that OpenTelemetry knows everywhere say the rest
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wiring/complaint.h"
#include "wiring/host_port.h"
#include "wiring/wiring.h"

namespace amb {

using KeyValues = std::vector<std::pair<std::string, std::string>>;

struct TraceSettings {
  Host host;  ///< Of the collector.
  std::uint16_t port = 0;
  std::string authority;   ///< "collector:4318", for the field Host and for messages.
  std::string path;        ///< Empty: traces are off.
  unsigned percent = 100;  ///< Of sessions that end well; those that fail leave a span always.
  KeyValues resource;      ///< service.name and whatever else is given; each key once.
  KeyValues headers;       ///< May hold keys: never to be shown.

  bool is_on() const { return !path.empty(); }
};

/// "http://collector:4318", with a path of one's own or without; "off".
Checked<void> read_trace_target(std::string_view text, TraceSettings& settings);

/// "0%" to "100%".
std::optional<unsigned> parse_percent(std::string_view text);

/// "all", "errors", "10%": of sessions that end well, these leave a span too.
Checked<void> read_trace_sample(std::string_view text, TraceSettings& settings);

/// OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS, if traces are on.
void read_otel_variables(const KeyValues& environment, TraceSettings& settings, Problems& problems);

}  // namespace amb
