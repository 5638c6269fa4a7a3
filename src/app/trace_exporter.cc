// SPDX-License-Identifier: Apache-2.0
#include "app/trace_exporter.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "app/otlp_post.h"
#include "app/version.h"
#include "base/await.h"
#include "base/unix_time.h"

namespace amb {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kGather = 1s;  // a batch holds what has come in this time
constexpr std::chrono::seconds kFirstPause = 1s, kLongestPause = 30s;

SpanPeer peer_of(const CompactAddress& address) {
  if (address.port() == 0) return {};
  const std::string text = address.to_string();
  std::string host = text.substr(0, text.rfind(':'));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return {std::move(host), address.port()};
}

/// A consumer that leaves, and what the operator wanted, is no error of ours or the provider's.
bool is_error(CloseReason reason) {
  const std::string_view side = blamed_side(reason);
  return side == "upstream" || side == "ourselves" || side == "link";
}

template <std::size_t kBytes>
void fill(std::array<std::uint8_t, kBytes>& bytes, std::mt19937_64& random) {
  for (std::size_t at = 0; at < kBytes; at += sizeof(std::uint64_t)) {
    const std::uint64_t drawn = random() | 1;  // no identifier is all zeros
    std::memcpy(bytes.data() + at, &drawn, sizeof drawn);
  }
}

SpanResource resource_of(const TraceSettings& settings, std::mt19937_64& random) {
  SpanResource resource = settings.resource;
  const auto add = [&](const char* key, std::string value) {
    if (std::ranges::count(resource, key, &std::pair<std::string, std::string>::first) == 0)
      resource.emplace_back(key, std::move(value));
  };
  add("service.version", kVersion);
  add("service.instance.id", std::to_string(random()));
  add("process.pid", std::to_string(::getpid()));
  return resource;
}

}  // namespace

TraceExporter::TraceExporter(asio::io_context& io, TraceSettings settings, Journal& journal)
    : io_(io), settings_(std::move(settings)), journal_(journal), wake_(io), random_(std::random_device{}()) {
  resource_ = resource_of(settings_, random_);
  asio::co_spawn(io_, send_batches(), asio::detached);
}

TraceExporter::~TraceExporter() = default;

void TraceExporter::add(const CloseRecord& record, const std::string& link) {
  if (queue_.size() >= kMostQueued) {
    ++metrics_.dropped;
    return;
  }
  const std::int64_t now = unix_time_ms();
  const auto life = static_cast<std::int64_t>(record.life_time);
  Span span{.start_ms = now - life,
            .end_ms = now,
            .connected_ms = {},
            .link = link,
            .downstream = peer_of(record.downstream),
            .upstream = peer_of(record.upstream),
            .bytes_to_upstream = record.bytes_to_upstream,
            .bytes_to_downstream = record.bytes_to_downstream,
            .relay = record.has_spliced ? "splice" : "copy",
            .close_reason = std::string(to_string(record.reason)),
            .close_side = std::string(blamed_side(record.reason)),
            .error = record.error == 0 ? "" : strerrordesc_np(record.error),
            .protocol = std::string(to_string(record.protocol)),
            .server_name = record.hello ? record.hello->server_name : "",
            .is_error = is_error(record.reason)};
  if (record.was_connected)
    span.connected_ms = span.start_ms + static_cast<std::int64_t>(record.connect_time);
  fill(span.trace_id, random_);
  fill(span.span_id, random_);
  queue_.push_back(std::move(span));
  if (queue_.size() == 1 || queue_.size() == kMostInBatch) wake_.cancel();
}

asio::awaitable<void> TraceExporter::wait(std::chrono::milliseconds span) {
  wake_.expires_after(span);
  (void)co_await wake_.async_wait(kAwait);
}

std::vector<Span> TraceExporter::take_batch() {
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMostInBatch));
  std::vector<Span> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return batch;
}

asio::awaitable<void> TraceExporter::send_batches() {
  for (;;) {
    if (queue_.empty()) co_await wait(std::chrono::hours(24));
    if (queue_.size() < kMostInBatch && !is_finishing_) co_await wait(kGather);
    std::vector<Span> batch = take_batch();
    if (!batch.empty()) co_await send_batch(std::move(batch));
    if (gives_up_) co_return;
  }
}

asio::awaitable<void> TraceExporter::send_batch(std::vector<Span> batch) {
  in_flight_ = batch.size();
  const std::string body = otlp_json(batch, resource_, kVersion);
  for (unsigned attempts = 1;; ++attempts) {
    const ExportOutcome outcome = co_await post_spans(io_, settings_, body);
    note(outcome, batch.size());
    if (outcome.kind != ExportOutcome::Kind::again) break;
    co_await pause(outcome, attempts);
    if (gives_up_) co_return;
  }
  in_flight_ = 0;
}

/// When the program ends meanwhile, a pause of our own is cut short, and one that the collector asked for is
/// not. There is no attempt that would come too late.
asio::awaitable<void> TraceExporter::pause(const ExportOutcome& outcome, unsigned attempts) {
  const bool was_finishing = is_finishing_;
  const auto until = std::chrono::steady_clock::now() + pause_after(outcome, attempts);
  while (std::chrono::steady_clock::now() < until) {
    if (is_finishing_ && !was_finishing && !outcome.pause) co_return;
    gives_up_ = is_finishing_ && until > finish_by_;
    if (gives_up_) co_return;
    co_await wait(std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()));
  }
}

std::chrono::milliseconds TraceExporter::pause_after(const ExportOutcome& outcome, unsigned attempts) {
  if (outcome.pause) return *outcome.pause;
  const std::chrono::milliseconds longest =
      std::min<std::chrono::seconds>(kFirstPause * (1U << std::min(attempts - 1, 5U)), kLongestPause);
  std::uniform_int_distribution<std::chrono::milliseconds::rep> jitter(longest.count() / 2, longest.count());
  return std::chrono::milliseconds(jitter(random_));
}

void TraceExporter::note(const ExportOutcome& outcome, std::size_t spans) {
  using Kind = ExportOutcome::Kind;
  if (outcome.kind == Kind::taken) {
    const std::uint64_t rejected = std::min<std::uint64_t>(outcome.rejected, spans);
    metrics_.exported += spans - rejected;
    metrics_.dropped += rejected;
    if (rejected == 0) {
      if (std::exchange(is_failing_, false)) journal_.traces_back(settings_.authority);
      return;
    }
  } else {
    ++metrics_.failures;
    if (outcome.kind == Kind::refused) metrics_.dropped += spans;
  }
  if (!std::exchange(is_failing_, true))
    journal_.traces_failed(settings_.authority, outcome.error, outcome.kind == Kind::again);
}

void TraceExporter::finish(std::chrono::milliseconds patience) {
  is_finishing_ = true;
  finish_by_ = std::chrono::steady_clock::now() + patience;
  wake_.cancel();
  io_.restart();
  while (has_work() && std::chrono::steady_clock::now() < finish_by_) {
    if (io_.run_one_until(finish_by_) == 0) break;
  }
  metrics_.dropped += queue_.size() + in_flight_;
  queue_.clear();
}

}  // namespace amb
