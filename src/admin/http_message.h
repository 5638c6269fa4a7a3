// SPDX-License-Identifier: Apache-2.0
//
// What the server and those who answer for it pass each other: a request whose parts are decoded, a response
// whose head the server writes. A response of any content type fits: JSON today.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace amb {

struct HttpRequest {
  std::string method;             ///< "GET"; a HEAD comes as a GET.
  std::vector<std::string> path;  ///< {"v1", "links", "a/b"} for "/v1/links/a%2Fb".
  std::vector<std::pair<std::string, std::string>> query;
  std::string content_type;  ///< Without parameters, in lower case.
  std::string accept;        ///< As it was sent.
  std::string body;
  /// Whether the peer is still connected; empty where that is not known. For answers that take long.
  std::function<bool()> is_wanted = {};
};

/// What a response goes on with for as long as both sides want.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  /// The next piece. Empty: it is over. Never asked for twice at once.
  virtual boost::asio::awaitable<std::string> next() = 0;
  /// What next() would give at once; empty when it would wait. For a last word.
  virtual std::string rest() = 0;
  /// From now on it is over, and who waits for the next piece has it soon.
  virtual void end() = 0;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";  ///< Empty where there is no body.
  std::string body;
  std::string_view fixed_body =
      {};  ///< Instead of the body: a part of the program, of which there is no copy.
  std::vector<std::pair<std::string, std::string>> fields;  ///< Further ones: Allow, WWW-Authenticate.
  std::shared_ptr<HttpStream> stream;                       ///< Instead of the body.

  std::string_view content() const { return fixed_body.empty() ? std::string_view(body) : fixed_body; }
};

/// What a request may cost.
struct HttpAdmission {
  std::size_t body_bytes = 0;  ///< Of its body, at most.
  /// Its answer takes a while, or is of any length: only some of these at a time.
  bool is_heavy = false;
};

/// Those who answer.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// Looks at the head alone, for the body is not there yet: a refusal, or what is taken in.
  virtual std::expected<HttpAdmission, HttpResponse> admit(const HttpRequest& head) = 0;
  virtual boost::asio::awaitable<HttpResponse> respond(HttpRequest request) = 0;
};

/// {"error": what, "accepted": accepted, "problems": []}. Both are escaped already.
HttpResponse error_response(unsigned status, std::string_view what, std::string_view accepted = {});

enum class AfterAnswer { keep, close };

/// Status line and fields, up to the empty line.
std::string head_of(const HttpResponse& response, AfterAnswer after);

/// The path and query of "/v1/links/a%2Fb?most=3"; false when they are not well-formed, or of more parts than
/// any question has.
bool read_target(std::string_view target, HttpRequest& into);

/// "Application/JSON; charset=utf-8" as "application/json".
std::string media_type(std::string_view content_type);

}  // namespace amb
