// SPDX-License-Identifier: Apache-2.0
#include "admin/numbers.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "admin/api_json.h"
#include "base/unix_time.h"
#include "wiring/render_each.h"

namespace amb {

namespace asio = boost::asio;

namespace {

namespace json = boost::json;

json::array from_numbers(const std::vector<std::uint64_t>& numbers) {
  return render_each(numbers, [](std::uint64_t number) { return json::value(number); });
}

json::object from_histogram(const HistogramStatus& histogram) {
  return {{"bounds_ms", from_numbers(histogram.bounds_ms)},
          {"counts", from_numbers(histogram.counts)},
          {"sum_ms", histogram.sum_ms}};
}

json::object from_path(const PathStatus& path) {
  return {{"sessions", path.sessions}, {"rtt_us", path.rtt_us}, {"retransmitted", path.retransmitted}};
}

json::value from_link(const LinkMetrics& link) {
  return json::object{{"connect", from_histogram(link.connect)},
                      {"first_byte", from_histogram(link.first_byte)},
                      {"life", from_histogram(link.life)},
                      {"downstream", from_path(link.downstream)},
                      {"upstream", from_path(link.upstream)}};
}

json::value from_protocol(const ProtocolMetrics& protocol) {
  return json::object{{"protocol", protocol.protocol}, {"answer", from_histogram(protocol.answer)}};
}

json::value from_worker(const WorkerMetrics& worker) {
  return json::object{{"sessions", worker.sessions},
                      {"cpu_us", worker.cpu_us},
                      {"accept_failures", worker.accept_failures},
                      {"limit_pauses", worker.limit_pauses}};
}

json::value from_name(const NameMetrics& name) {
  return json::object{{"name", name.name}, {"age_ms", name.age_ms}, {"is_failing", name.is_failing}};
}

json::object from_process(const ProcessMetrics& process) {
  json::object object{{"cpu_us", process.cpu_us}, {"most_descriptors", process.most_descriptors}};
  if (process.resident_bytes) object["resident_bytes"] = *process.resident_bytes;
  if (process.open_descriptors) object["open_descriptors"] = *process.open_descriptors;
  return object;
}

}  // namespace

std::string numbers_json(const Metrics& metrics, std::int64_t time_ms) {
  std::string status = to_json(metrics.status);
  status.pop_back();  // its line's end
  const json::object rest{{"links", render_each(metrics.links, from_link)},
                          {"protocols", render_each(metrics.protocols, from_protocol)},
                          {"workers", render_each(metrics.workers, from_worker)},
                          {"names", render_each(metrics.names, from_name)},
                          {"log_lines_dropped", metrics.log_lines_dropped},
                          {"process", from_process(metrics.process)}};
  return "{\"time_ms\":" + std::to_string(time_ms) + ",\"status\":" + status + "," +
         json::serialize(rest).substr(1);
}

asio::awaitable<std::string> Numbers::at_most(std::chrono::milliseconds age) {
  const auto now = std::chrono::steady_clock::now();
  if (control_ == nullptr) co_return std::string();
  if (const auto asking = asking_; asking != nullptr) {
    (void)co_await asking->async_wait(asio::as_tuple(asio::use_awaitable));
    co_return json_;
  }
  if (!json_.empty() && now - made_ <= age) co_return json_;
  const auto executor = co_await asio::this_coro::executor;
  const auto asking = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  asking_ = asking;
  const Metrics metrics = co_await control_->metrics();
  json_ = control_ == nullptr ? std::string() : numbers_json(metrics, unix_time_ms());
  made_ = now;
  asking_.reset();
  asking->cancel();
  co_return json_;
}

}  // namespace amb
