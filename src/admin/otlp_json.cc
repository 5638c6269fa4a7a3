// SPDX-License-Identifier: Apache-2.0
#include "admin/otlp_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/text.h"

namespace amb {

namespace {

namespace json = boost::json;

constexpr int kServer = 2;       // SPAN_KIND_SERVER: the consumer is served here
constexpr int kStatusError = 2;  // STATUS_CODE_ERROR
constexpr std::size_t kMostTextBytes = 512;

template <std::size_t kBytes>
std::string to_hex(const std::array<std::uint8_t, kBytes>& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

std::string nanoseconds(std::int64_t ms) { return std::to_string(ms) + "000000"; }

/// An attribute list that leaves out what is empty.
class Attributes {
 public:
  void add(std::string_view key, std::string_view text) {
    if (!text.empty()) put(key, {{"stringValue", escape_text(text, kMostTextBytes)}});
  }
  void add(std::string_view key, std::uint64_t number) { put(key, {{"intValue", std::to_string(number)}}); }
  void add_peer(std::string_view side, const SpanPeer& peer) {
    if (peer.host.empty()) return;
    add(std::string(side) + ".address", peer.host);
    add(std::string(side) + ".port", peer.port);
  }
  json::array take() { return std::move(list_); }

 private:
  void put(std::string_view key, json::object value) {
    list_.push_back(json::object{{"key", std::string(key)}, {"value", std::move(value)}});
  }
  json::array list_;
};

json::array attributes_of(const Span& span) {
  Attributes list;
  list.add("ambassador.link", span.link);
  list.add("network.transport", span.upstream.host.empty() && span.downstream.host.empty() ? "unix" : "tcp");
  list.add_peer("client", span.downstream);
  list.add_peer("network.peer", span.upstream);
  if (span.protocol != "none") list.add("network.protocol.name", span.protocol);
  list.add("tls.client.server_name", span.server_name);
  list.add("ambassador.bytes.to_upstream", span.bytes_to_upstream);
  list.add("ambassador.bytes.to_downstream", span.bytes_to_downstream);
  list.add("ambassador.relay", span.relay);
  list.add("ambassador.close.reason", span.close_reason);
  list.add("ambassador.close.side", span.close_side);
  if (span.is_error) list.add("error.type", span.close_reason);
  return list.take();
}

json::object from_span(const Span& span) {
  json::object object{{"traceId", to_hex(span.trace_id)},
                      {"spanId", to_hex(span.span_id)},
                      {"name", escape_text("session " + span.link)},
                      {"kind", kServer},
                      {"startTimeUnixNano", nanoseconds(span.start_ms)},
                      {"endTimeUnixNano", nanoseconds(span.end_ms)},
                      {"attributes", attributes_of(span)}};
  if (span.connected_ms) {
    object["events"] =
        json::array{json::object{{"name", "connected"}, {"timeUnixNano", nanoseconds(*span.connected_ms)}}};
  }
  if (span.is_error) {
    object["status"] =
        json::object{{"code", kStatusError},
                     {"message", span.error.empty() ? span.close_reason : escape_text(span.error)}};
  }
  return object;
}

}  // namespace

std::string otlp_json(std::span<const Span> spans, const SpanResource& resource, const std::string& version) {
  Attributes of_resource;
  for (const auto& [key, value] : resource) of_resource.add(escape_text(key), value);
  json::array list;
  for (const Span& span : spans) list.push_back(from_span(span));
  const json::object scope{{"name", "ambassador"}, {"version", version}};
  const json::array scopes{json::object{{"scope", scope}, {"spans", std::move(list)}}};
  const json::object from{{"attributes", of_resource.take()}};
  return json::serialize(
      json::object{{"resourceSpans", json::array{json::object{{"resource", from}, {"scopeSpans", scopes}}}}});
}

std::optional<PartialSuccess> read_partial_success(std::string_view answer) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(answer.data(), answer.size()), error);
  if (error || !value.is_object()) return std::nullopt;
  const json::value* partial = value.get_object().if_contains("partialSuccess");
  if (partial == nullptr || !partial->is_object()) return std::nullopt;
  PartialSuccess found;
  if (const json::value* rejected = partial->get_object().if_contains("rejectedSpans")) {
    // A 64-bit number, which JSON holds as text; some send a number.
    if (rejected->is_string())
      found.rejected = parse_number<std::uint64_t>(std::string(rejected->get_string())).value_or(0);
    if (rejected->is_int64() && rejected->get_int64() > 0)
      found.rejected = static_cast<std::uint64_t>(rejected->get_int64());
  }
  const json::value* message = partial->get_object().if_contains("errorMessage");
  if (message != nullptr && message->is_string())
    found.message = escape_text(std::string(message->get_string()));
  if (found.rejected == 0 && found.message.empty()) return std::nullopt;
  return found;
}

}  // namespace amb
