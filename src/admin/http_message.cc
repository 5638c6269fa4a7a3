// SPDX-License-Identifier: Apache-2.0
#include "admin/http_message.h"

#include <boost/beast/http/status.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/text.h"

namespace amb {

namespace {

namespace json = boost::json;
namespace http = boost::beast::http;

std::string status_line(unsigned status) {
  const auto reason = http::obsolete_reason(http::int_to_status(status));
  return "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason.data(), reason.size()) + "\r\n";
}

}  // namespace

HttpResponse error_response(unsigned status, std::string_view what, std::string_view accepted) {
  const json::object error{{"error", what}, {"accepted", accepted}, {"problems", json::array()}};
  return {.status = status, .body = json::serialize(error) + "\n", .fields = {}, .stream = {}};
}

std::string head_of(const HttpResponse& response, AfterAnswer after) {
  constexpr unsigned kNoContent = 204;
  std::string head = status_line(response.status);
  if (!response.content_type.empty()) head += "Content-Type: " + response.content_type + "\r\n";
  if (!response.stream && response.status != kNoContent)
    head += "Content-Length: " + std::to_string(response.content().size()) + "\r\n";
  head += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  for (const auto& [name, value] : response.fields) head += name + ": " + value + "\r\n";
  if (after == AfterAnswer::close) head += "Connection: close\r\n";
  return head + "\r\n";
}

bool read_target(std::string_view target, HttpRequest& into) {
  constexpr std::size_t kMostParts = 16;
  std::string whole;
  if (target.empty() || target.starts_with('?')) target = whole = "/" + std::string(target);
  const auto url = boost::urls::parse_origin_form(boost::urls::string_view(target.data(), target.size()));
  if (!url || url->segments().size() > kMostParts || url->params().size() > kMostParts) return false;
  for (const auto& segment : url->segments()) into.path.emplace_back(segment);
  for (const auto& param : url->params()) into.query.emplace_back(param.key, param.value);
  return true;
}

std::string media_type(std::string_view content_type) {
  return to_lower(trim(content_type.substr(0, content_type.find(';'))));
}

}  // namespace amb
