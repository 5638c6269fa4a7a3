// SPDX-License-Identifier: Apache-2.0
#include "health/check_http.h"

#include <optional>
#include <string>
#include <utility>

#include "health/status_line.h"

namespace amb {

namespace {

namespace asio = boost::asio;

constexpr std::size_t kMostLineBytes = 8 * 1024;  // a status is at its beginning
constexpr int kMostHeads = 8;                     // heads of 1xx come before the one that counts
constexpr unsigned kSwitchingProtocols = 101;

std::string request_for(const SocketAddress& endpoint, const HealthOptions& options) {
  std::string host = options.http_host;
  if (host.empty()) host = endpoint.is_unix() ? "localhost" : endpoint.to_string();
  return "GET " + options.http_path + " HTTP/1.1\r\nHost: " + host +
         "\r\nUser-Agent: ambassador/healthcheck\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

/// Nothing where that is none, with the reason as failure().
std::optional<StatusLine> read_status(Conversation& talk, std::string_view line) {
  const auto status = parse_status_line(line);
  constexpr std::size_t kMostShownBytes = 40;
  if (!status) talk.object("its answer is not HTTP: " + std::string(line.substr(0, kMostShownBytes)));
  return status;
}

Verdict judge(const StatusLine& line, const HealthOptions& options) {
  std::string why = "HTTP status " + std::to_string(line.status);
  if (!line.reason.empty()) why.append(" ").append(line.reason);
  const bool is_well = line.status >= options.status_low && line.status <= options.status_high;
  return is_well ? well(std::move(why)) : not_well(std::move(why));
}

/// Passes over the fields of an interim answer.
asio::awaitable<bool> skip_head(Conversation& talk) {
  for (;;) {
    const auto field = co_await talk.read_text_line(Conversation::kMostBytes);
    if (!field) co_return false;
    if (field->empty() || field == "\r") co_return true;
  }
}

}  // namespace

asio::awaitable<Verdict> check_http(Conversation& talk, const SocketAddress& endpoint,
                                    const HealthOptions& options) {
  co_await talk.send(request_for(endpoint, options));
  for (int heads = 0; heads < kMostHeads; ++heads) {
    const auto line = co_await talk.read_text_line(kMostLineBytes);
    if (!line) co_return talk.failure();
    const auto status = read_status(talk, *line);
    if (!status) co_return talk.failure();
    const bool is_final = status->status >= 200 || status->status == kSwitchingProtocols;
    if (is_final) {
      const Verdict verdict = judge(*status, options);
      co_await talk.let_end();
      co_return verdict;
    }
    if (!co_await skip_head(talk)) co_return talk.failure();
  }
  co_return not_well("its answer never comes to a final status");
}

}  // namespace amb
