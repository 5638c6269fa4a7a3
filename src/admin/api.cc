// SPDX-License-Identifier: Apache-2.0
#include "admin/api.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "admin/api_json.h"
#include "admin/api_request.h"
#include "admin/event_stream.h"
#include "admin/metrics.h"
#include "admin/page.h"
#include "base/text.h"

namespace amb {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kBodyBytes = 64 * 1024;
constexpr std::size_t kPlanBytes =
    2 * 1024 * 1024;  // a file of links has 1 MiB at most; JSON makes it longer

HttpResponse json_response(std::string body, unsigned status = 200) {
  return {.status = status, .body = std::move(body), .fields = {}, .stream = {}};
}

HttpResponse done() { return {.status = 204, .content_type = {}, .body = {}, .fields = {}, .stream = {}}; }

HttpResponse turned_down(const ControlError& error) {
  return json_response(to_json(error), static_cast<unsigned>(error.status));
}

template <class T>
HttpResponse respond_with(const Controlled<T>& answer) {
  if (!answer) return turned_down(answer.error());
  if constexpr (std::is_void_v<T>) {
    return done();
  } else {
    return json_response(to_json(*answer));
  }
}

HttpResponse stream_response(std::shared_ptr<HttpStream> stream) {
  return {.content_type = "text/event-stream", .body = {}, .fields = {}, .stream = std::move(stream)};
}

/// Asked while we end: the connection is closed before anybody could read this.
HttpResponse too_late() { return error_response(503, "the program ends"); }

HttpResponse no_such_link(std::string_view name, const std::vector<LinkStatus>& links) {
  constexpr std::size_t kMostNamed = 50;
  std::vector<std::string_view> names;
  for (const LinkStatus& link : links) names.push_back(link.name);
  std::string what = "there is no link '" + escape_text(name, 80) + "'";
  if (const auto near = nearest_word(name, names)) what += "; did you mean " + std::string(*near) + "?";
  if (names.size() <= kMostNamed) return error_response(404, what, join_words(names));
  const std::string more = std::to_string(names.size() - kMostNamed) + " more";
  names.resize(kMostNamed);
  names.emplace_back(more);
  return error_response(404, what, join_words(names));
}

}  // namespace

/// An answer is light that is short and made at once.
enum class Cost { light, heavy };

struct Api::Route {
  std::string_view method;
  std::string_view pattern;  ///< "/v1/links/{name}/why"; one {…} at most.
  Task<HttpResponse> (Api::*respond)(const HttpRequest& request, const std::string& variable);
  Cost cost = Cost::light;
  std::size_t body_bytes = 0;

  /// The variable, empty for a pattern without one; nothing when the path is another.
  std::optional<std::string> match(const std::vector<std::string>& path) const {
    if (pattern == "/") return path.empty() ? std::optional<std::string>("") : std::nullopt;
    const auto parts = split(pattern.substr(1), '/');
    if (parts.size() != path.size()) return std::nullopt;
    std::string variable;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool is_variable = parts[i].starts_with('{');
      if (is_variable ? path[i].empty() : parts[i] != path[i]) return std::nullopt;
      if (is_variable) variable = path[i];
    }
    return variable;
  }
};

const std::span<const Api::Route> Api::routes() {
  static constexpr std::array<Route, 19> kRoutes = {{
      {"GET", "/v1/status", &Api::get_status, Cost::heavy},
      {"GET", "/v1/links", &Api::get_links, Cost::heavy},
      {"GET", "/v1/links/{name}", &Api::get_link, Cost::heavy},
      // It may wait for a target for long, and takes no heavy one's place meanwhile; its answer is short.
      {"PATCH", "/v1/links/{name}", &Api::patch_link, Cost::light, kBodyBytes},
      {"GET", "/v1/links/{name}/why", &Api::get_why, Cost::heavy},
      {"POST", "/v1/drain", &Api::post_drain, Cost::light, kBodyBytes},
      {"POST", "/v1/resume", &Api::post_resume, Cost::light, kBodyBytes},
      {"POST", "/v1/reload", &Api::post_reload, Cost::heavy, kBodyBytes},
      {"POST", "/v1/plan", &Api::post_plan, Cost::heavy, kPlanBytes},
      {"GET", "/v1/wiring", &Api::get_wiring, Cost::heavy},
      {"GET", "/v1/sessions", &Api::get_sessions, Cost::heavy},
      {"DELETE", "/v1/sessions/{id}", &Api::delete_session, Cost::heavy, kBodyBytes},
      {"GET", "/v1/ready", &Api::get_ready},
      {"GET", "/v1/live", &Api::get_live},
      {"GET", "/v1/events", &Api::get_events},
      {"GET", "/v1/watch", &Api::get_watch},
      {"GET", "/metrics", &Api::get_metrics, Cost::heavy},
      {"GET", "/", &Api::get_page},
      {"GET", "/page/{file}", &Api::get_page},
  }};
  return kRoutes;
}

Api::Api(asio::io_context& io, Control& control, std::chrono::milliseconds stream_pause)
    : io_(io),
      control_(&control),
      stream_pause_(stream_pause),
      numbers_(std::make_shared<Numbers>(control)) {}

void Api::end() {
  control_ = nullptr;
  numbers_->end();
}

Api::Found Api::find(const HttpRequest& request) {
  for (const Route& route : routes()) {
    if (route.method != request.method) continue;
    if (auto variable = route.match(request.path)) return {&route, std::move(*variable)};
  }
  return {};
}

/// The methods that this path knows, for the field Allow; empty when there is no such path.
std::string Api::allowed(const HttpRequest& request) {
  std::string methods;
  for (const Route& route : routes()) {
    if (!route.match(request.path)) continue;
    methods +=
        (methods.empty() ? "" : ", ") + std::string(route.method == "GET" ? "GET, HEAD" : route.method);
  }
  return methods;
}

std::expected<HttpAdmission, HttpResponse> Api::admit(const HttpRequest& head) {
  const Found found = find(head);
  if (found.route == nullptr) {
    const std::string methods = allowed(head);
    if (methods.empty())
      return std::unexpected(error_response(404, "there is no such path", "those of docs/openapi.yaml"));
    HttpResponse response =
        error_response(405, "this path knows no " + escape_text(head.method, 20), methods);
    response.fields.emplace_back("Allow", methods);
    return std::unexpected(std::move(response));
  }
  // A form of another site's page cannot say this, nor DELETE anything.
  if (head.method != "GET" && head.content_type != "application/json")
    return std::unexpected(
        error_response(415, "what changes something says that it is JSON", "Content-Type: application/json"));
  return HttpAdmission{.body_bytes = found.route->body_bytes, .is_heavy = found.route->cost == Cost::heavy};
}

asio::awaitable<HttpResponse> Api::respond(HttpRequest request) {
  const Found found = find(request);
  if (found.route == nullptr || control_ == nullptr) co_return too_late();
  co_return co_await (this->*found.route->respond)(request, found.variable);
}

asio::awaitable<HttpResponse> Api::get_status(const HttpRequest& request, const std::string&) {
  if (const auto query = read_no_query(request.query); !query) co_return turned_down(query.error());
  co_return json_response(to_json(co_await control_->status()));
}

asio::awaitable<HttpResponse> Api::get_links(const HttpRequest& request, const std::string&) {
  if (const auto query = read_no_query(request.query); !query) co_return turned_down(query.error());
  const ProgramStatus status = co_await control_->status();
  co_return json_response(to_json(status.links));
}

asio::awaitable<HttpResponse> Api::get_link(const HttpRequest& request, const std::string& name) {
  if (const auto query = read_no_query(request.query); !query) co_return turned_down(query.error());
  const ProgramStatus status = co_await control_->status();
  const auto link = std::ranges::find(status.links, name, &LinkStatus::name);
  if (link == status.links.end()) co_return no_such_link(name, status.links);
  co_return json_response(to_json(*link));
}

asio::awaitable<HttpResponse> Api::patch_link(const HttpRequest& request, const std::string& name) {
  auto wanted = read_rewire(name, request.body);
  if (!wanted) co_return turned_down(wanted.error());
  wanted->is_wanted = request.is_wanted;
  co_return respond_with(co_await control_->rewire(std::move(*wanted)));
}

asio::awaitable<HttpResponse> Api::get_why(const HttpRequest& request, const std::string& name) {
  if (const auto query = read_no_query(request.query); !query) co_return turned_down(query.error());
  co_return respond_with(co_await control_->why(name));
}

asio::awaitable<HttpResponse> Api::post_drain(const HttpRequest& request, const std::string&) {
  const auto link = read_link(request.body);
  co_return link ? respond_with(control_->drain(*link)) : turned_down(link.error());
}

asio::awaitable<HttpResponse> Api::post_resume(const HttpRequest& request, const std::string&) {
  const auto link = read_link(request.body);
  co_return link ? respond_with(control_->resume(*link)) : turned_down(link.error());
}

asio::awaitable<HttpResponse> Api::post_reload(const HttpRequest& request, const std::string&) {
  const auto nothing = read_nothing(request.body);
  if (!nothing) co_return turned_down(nothing.error());
  co_return respond_with(co_await control_->reload());
}

asio::awaitable<HttpResponse> Api::post_plan(const HttpRequest& request, const std::string&) {
  const auto plan = read_plan(request.body);
  if (!plan) co_return turned_down(plan.error());
  co_return respond_with(co_await control_->preview(plan->path, plan->text));
}

asio::awaitable<HttpResponse> Api::get_wiring(const HttpRequest& request, const std::string&) {
  if (const auto query = read_no_query(request.query); !query) co_return turned_down(query.error());
  co_return json_response(control_->wiring_json());
}

asio::awaitable<HttpResponse> Api::get_sessions(const HttpRequest& request, const std::string&) {
  const auto wanted = read_session_query(request.query);
  if (!wanted) co_return turned_down(wanted.error());
  co_return respond_with(co_await control_->sessions(*wanted));
}

asio::awaitable<HttpResponse> Api::delete_session(const HttpRequest& request, const std::string& id) {
  if (const auto nothing = read_nothing(request.body); !nothing) co_return turned_down(nothing.error());
  co_return respond_with(co_await control_->close_session(id));
}

asio::awaitable<HttpResponse> Api::get_ready(const HttpRequest& request, const std::string&) {
  const auto link = read_link_query(request.query);
  if (!link) co_return turned_down(link.error());
  const auto readiness = co_await control_->readiness(*link);
  if (!readiness) co_return turned_down(readiness.error());
  co_return json_response(to_json(*readiness), readiness->is_ready ? 200 : 503);
}

asio::awaitable<HttpResponse> Api::get_live(const HttpRequest& request, const std::string&) {
  if (const auto query = read_no_query(request.query); !query) co_return turned_down(query.error());
  co_return json_response("{\"is_live\":true}\n");
}

asio::awaitable<HttpResponse> Api::get_metrics(const HttpRequest& request, const std::string&) {
  if (const auto query = read_no_query(request.query); !query) co_return turned_down(query.error());
  const MetricsFormat format = metrics_format(request.accept);
  HttpResponse response = json_response(to_text(co_await control_->metrics(), format));
  response.content_type = content_type(format);
  co_return response;
}

asio::awaitable<HttpResponse> Api::get_events(const HttpRequest& request, const std::string&) {
  if (const auto query = read_no_query(request.query); !query) co_return turned_down(query.error());
  co_return stream_response(std::make_shared<EventStream>(io_, *control_, stream_pause_));
}

asio::awaitable<HttpResponse> Api::get_watch(const HttpRequest& request, const std::string&) {
  const auto every = read_watch_query(request.query);
  if (!every) co_return turned_down(every.error());
  co_return stream_response(std::make_shared<EventStream>(io_, *control_, stream_pause_,
                                                          Watch{.numbers = numbers_, .every = *every}));
}

asio::awaitable<HttpResponse> Api::get_page(const HttpRequest& request, const std::string& file) {
  if (const auto query = read_no_query(request.query); !query) co_return turned_down(query.error());
  co_return page_response(file.empty() ? "index.html" : file);
}

}  // namespace amb
