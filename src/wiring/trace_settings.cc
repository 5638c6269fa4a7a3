// SPDX-License-Identifier: Apache-2.0
#include "wiring/trace_settings.h"

#include <algorithm>
#include <boost/url/decode_view.hpp>
#include <boost/url/pct_string_view.hpp>
#include <iterator>
#include <ranges>
#include <set>
#include <utility>

#include "base/text.h"
#include "wiring/secrets.h"

namespace amb {

namespace {

constexpr std::uint16_t kOtlpPort = 4318;
constexpr auto kTargetAccepted = "http://host:port, such as http://collector:4318, or off";

std::unexpected<Complaint> complain(std::string what, std::string accepted) {
  return std::unexpected(Complaint{std::move(what), std::move(accepted)});
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";

/// A token of RFC 9110, 5.6.2, which is what the name of a field may be.
bool is_field_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// "key=value,key=value", values with %XX, as W3C Baggage has it. Nothing where it is not.
std::optional<KeyValues> read_pairs(std::string_view text) {
  KeyValues pairs;
  for (const std::string_view part : split(text, ',')) {
    if (trim(part).empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || trim(part.substr(0, equals)).empty()) return std::nullopt;
    const std::string_view value = trim(part.substr(equals + 1));
    const auto encoded =
        boost::urls::make_pct_string_view(boost::urls::string_view(value.data(), value.size()));
    if (!encoded) return std::nullopt;
    const auto decoded = encoded->decode();
    pairs.emplace_back(trim(part.substr(0, equals)), std::string(decoded.begin(), decoded.end()));
  }
  return pairs;
}

/// Each key once, where it was said last; that one holds.
KeyValues last_of_each(KeyValues pairs) {
  std::set<std::string_view> met;
  KeyValues kept;
  for (const auto& pair : pairs | std::views::reverse) {
    if (met.insert(pair.first).second) kept.push_back(pair);
  }
  std::ranges::reverse(kept);
  return kept;
}

std::string value_of(const KeyValues& environment, std::string_view name) {
  const auto found = std::ranges::find(environment, name, &std::pair<std::string, std::string>::first);
  return found == environment.end() ? std::string() : std::string(trim(found->second));
}

}  // namespace

Checked<void> read_trace_target(std::string_view text, TraceSettings& settings) {
  if (text == "off") return {};
  if (has_user(text))
    return complain("the URL of a collector holds a user; keys are for OTEL_EXPORTER_OTLP_HEADERS",
                    kTargetAccepted);
  constexpr std::string_view kHttp = "http://", kHttps = "https://";
  if (text.starts_with(kHttps)) {
    return complain("'" + escape_text(mask_secrets(text), 80) +
                        "' wants TLS, which is not there yet: let a collector beside us speak it",
                    kTargetAccepted);
  }
  if (!text.starts_with(kHttp))
    return complain("'" + escape_text(mask_secrets(text), 80) + "' is no HTTP URL", kTargetAccepted);
  const std::string_view rest = text.substr(kHttp.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, slash), path = rest.substr(slash);
  const auto where = parse_host_port(authority);
  if (!where) return complain(where.error().what, kTargetAccepted);
  if (!is_visible(path)) return complain("'" + escape_text(path, 80) + "' is no path", kTargetAccepted);
  settings.host = where->host;
  settings.port = where->port.value_or(kOtlpPort);
  settings.authority = std::string(authority) + (where->port ? "" : ":" + std::to_string(kOtlpPort));
  settings.path = path.empty() || path == "/" ? "/v1/traces" : std::string(path);
  return {};
}

std::optional<unsigned> parse_percent(std::string_view text) {
  constexpr unsigned kAll = 100;
  if (!text.ends_with('%')) return std::nullopt;
  const auto number = parse_number<std::uint16_t>(text.substr(0, text.size() - 1));
  if (!number || *number > kAll) return std::nullopt;
  return unsigned{*number};
}

Checked<void> read_trace_sample(std::string_view text, TraceSettings& settings) {
  settings.percent = text == "all" ? 100 : 0;
  if (text == "all" || text == "errors") return {};
  const auto percent = parse_percent(text);
  if (!percent) {
    return complain("'" + escape_text(text, 80) + "' is no choice of traces",
                    "errors, all, or 0% to 100% of the sessions that end well");
  }
  settings.percent = *percent;
  return {};
}

void read_otel_variables(const KeyValues& environment, TraceSettings& settings, Problems& problems) {
  if (!settings.is_on()) return;
  constexpr auto kAttributes = "OTEL_RESOURCE_ATTRIBUTES", kHeaders = "OTEL_EXPORTER_OTLP_HEADERS";
  settings.resource.emplace_back("service.name", "ambassador");
  const std::string attributes = value_of(environment, kAttributes),
                    headers = value_of(environment, kHeaders);
  if (const auto pairs = read_pairs(attributes)) {
    std::ranges::move(*pairs, std::back_inserter(settings.resource));
  } else {
    problems.push_back({{Origin::Kind::variable, kAttributes},
                        shown_value(attributes),
                        "these are no attributes",
                        "key=value, several separated by commas, other characters as %XX"});
  }
  if (const std::string name = value_of(environment, "OTEL_SERVICE_NAME"); !name.empty())
    settings.resource.emplace_back("service.name", name);
  settings.resource = last_of_each(std::move(settings.resource));
  const auto pairs = read_pairs(headers);
  const bool is_good = pairs && std::ranges::all_of(*pairs, [](const auto& pair) {
                         return is_field_name(pair.first) && is_field_value(pair.second);
                       });
  if (is_good) {
    for (const auto& [key, value] : *pairs) settings.headers.emplace_back(to_lower(key), value);
    settings.headers = last_of_each(std::move(settings.headers));
  } else {
    problems.push_back({{Origin::Kind::variable, kHeaders},
                        std::string(kMask),
                        "these are no fields of HTTP",
                        "name=value, several separated by commas, other characters as %XX"});
  }
}

}  // namespace amb
