// SPDX-License-Identifier: Apache-2.0
//
// Which path means which question: the table of routes, and from each to Control and back to JSON. A new path
// is a new row, whatever its content type. docs/openapi.yaml describes them all.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>

#include "admin/control.h"
#include "admin/http_message.h"
#include "admin/numbers.h"

namespace amb {

class Api final : public HttpHandler {
 public:
  /// `control` must live until end(). `stream_pause` is the longest that a stream of events is silent.
  Api(boost::asio::io_context& io, Control& control, std::chrono::milliseconds stream_pause);

  std::expected<HttpAdmission, HttpResponse> admit(const HttpRequest& head) override;
  boost::asio::awaitable<HttpResponse> respond(HttpRequest request) override;

  /// Control is not called any more; what it answers late is not looked at.
  void end();

 private:
  template <class T>
  using Task = boost::asio::awaitable<T>;
  struct Route;
  struct Found {
    const Route* route = nullptr;
    std::string variable;  ///< What stands where the pattern has {name}.
  };
  static Found find(const HttpRequest& request);
  static std::string allowed(const HttpRequest& request);
  static const std::span<const Route> routes();

  Task<HttpResponse> get_status(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> get_links(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> get_link(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> patch_link(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> get_why(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> post_drain(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> post_resume(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> post_reload(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> post_plan(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> get_wiring(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> get_sessions(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> delete_session(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> get_ready(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> get_metrics(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> get_live(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> get_watch(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> get_page(const HttpRequest& request, const std::string& variable);
  Task<HttpResponse> get_events(const HttpRequest& request, const std::string& variable);

  boost::asio::io_context& io_;
  Control* control_;
  std::chrono::milliseconds stream_pause_;
  std::shared_ptr<Numbers> numbers_;
};

}  // namespace amb
