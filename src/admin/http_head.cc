// SPDX-License-Identifier: Apache-2.0
#include "admin/http_head.h"

#include <algorithm>

#include "base/text.h"

namespace amb {

namespace {

using Fault = std::unexpected<HttpFault>;
constexpr std::string_view kLineEnd = "\r\n";

Fault malformed(std::string_view what) { return Fault(HttpFault{.what = what}); }

/// Without its end; nothing when no line is left.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find(kLineEnd);
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = text.substr(0, end);
  text.remove_prefix(end + kLineEnd.size());
  return line;
}

/// No control characters: a CR or LF that is no line's end among them.
bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
  });
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

/// "http://host:port/path" into its two parts; false for what is no path and no such URL. (RFC 9112, 3.2)
bool take_apart(std::string_view target, HttpHead& head) {
  head.target = target;
  if (target.starts_with('/')) return true;
  const std::size_t colon = target.find("://");
  if (colon == std::string_view::npos) return false;
  const auto scheme = target.substr(0, colon);
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")) return false;
  const auto rest = target.substr(colon + 3);
  head.authority = rest.substr(0, rest.find_first_of("/?"));
  head.target = rest.substr(head.authority.size());
  return !head.authority.empty() && !head.authority.contains('@');
}

std::expected<bool, HttpFault> read_request_line(std::string_view line, HttpHead& head) {
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return malformed("this is no HTTP/1.1 request");
  const auto version = line.substr(last + 1), target = line.substr(first + 1, last - first - 1);
  head.method = line.substr(0, first);
  if (!is_token(head.method)) return malformed("this is no HTTP/1.1 request");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return malformed("only HTTP/1.1 is spoken here, and HTTP/1.0");
  if (!is_visible(target) || !take_apart(target, head))
    return Fault(HttpFault{.what = "the target of the request is no path", .accepted = "/v1/status"});
  return version == "HTTP/1.1";
}

std::expected<HttpHead::Field, HttpFault> read_field(std::string_view line) {
  if (line.starts_with(' ') || line.starts_with('\t'))
    return malformed("a field goes on in the next line, which means different things to different readers");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return malformed("a field of the request has no proper name");
  const auto value = line.substr(colon + 1);  // judged whole: a LF at its ends is no blank
  if (!is_field_value(value)) return malformed("a field of the request has control characters in its value");
  return HttpHead::Field{line.substr(0, colon), trim(value)};
}

bool lists(const HttpHead& head, std::string_view name, std::string_view word) {
  return std::ranges::any_of(head.fields, [&](const HttpHead::Field& field) {
    if (!equals_ignoring_case(field.name, name)) return false;
    return std::ranges::any_of(split(field.value, ','),
                               [&](auto one) { return equals_ignoring_case(trim(one), word); });
  });
}

/// How long the body is, which exactly one field may say. (RFC 9112, 6)
std::optional<HttpFault> read_framing(HttpHead& head, bool is_http_1_1) {
  const std::size_t lengths = head.count("Content-Length"), codings = head.count("Transfer-Encoding");
  if (lengths > 0 && codings > 0)
    return HttpFault{.what = "both Content-Length and Transfer-Encoding say where the request ends"};
  if (lengths > 1) return HttpFault{.what = "Content-Length stands there more than once"};
  if (codings > 0 && !is_http_1_1) return HttpFault{.what = "HTTP/1.0 has no Transfer-Encoding"};
  if (codings > 0) {
    if (codings > 1 || !equals_ignoring_case(head.value("Transfer-Encoding"), "chunked"))
      return HttpFault{
          .status = 501, .what = "this Transfer-Encoding is not known here", .accepted = "chunked"};
    head.is_chunked = true;
  }
  if (lengths == 0) return std::nullopt;
  head.length = parse_number<std::uint64_t>(head.value("Content-Length"));
  if (!head.length) return HttpFault{.what = "Content-Length is no number of bytes"};
  return std::nullopt;
}

}  // namespace

std::size_t HttpHead::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields, [name](const Field& field) { return equals_ignoring_case(field.name, name); }));
}

std::string_view HttpHead::value(std::string_view name) const {
  const auto found = std::ranges::find_if(
      fields, [name](const Field& field) { return equals_ignoring_case(field.name, name); });
  return found == fields.end() ? std::string_view() : found->value;
}

std::string HttpHead::joined(std::string_view name) const {
  std::string all;
  for (const Field& field : fields) {
    if (!equals_ignoring_case(field.name, name)) continue;
    if (!all.empty()) all += ", ";
    all += field.value;
  }
  return all;
}

std::expected<HttpHead, HttpFault> parse_head(std::string_view text) {
  HttpHead head;
  const auto first_line = take_line(text);
  const auto is_http_1_1 = read_request_line(first_line.value_or(""), head);
  if (!is_http_1_1) return Fault(is_http_1_1.error());
  for (auto line = take_line(text); line && !line->empty(); line = take_line(text)) {
    if (head.fields.size() == HttpHead::kMostFields)
      return Fault(
          HttpFault{.status = 431, .what = "the request has too many fields", .accepted = "at most 100"});
    const auto field = read_field(*line);
    if (!field) return Fault(field.error());
    head.fields.push_back(*field);
  }
  const std::size_t hosts = head.count("Host");
  if (hosts > 1 || (hosts == 0 && *is_http_1_1)) return malformed("a request says once for which Host it is");
  if (head.authority.empty()) head.authority = head.value("Host");
  if (auto fault = read_framing(head, *is_http_1_1)) return Fault(std::move(*fault));
  head.is_kept = *is_http_1_1 && !lists(head, "Connection", "close");
  head.expects_continue = *is_http_1_1 && lists(head, "Expect", "100-continue");
  return head;
}

bool is_token(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kMarks.contains(c);
  });
}

}  // namespace amb
