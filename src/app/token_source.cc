// SPDX-License-Identifier: Apache-2.0
#include "app/token_source.h"

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "admin/http_access.h"
#include "base/await.h"

namespace amb {

namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr std::string_view kConsequence = "the token stays as it is";

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

}  // namespace

TokenSource::TokenSource(boost::asio::io_context& io, Background& background, Journal& journal,
                         std::string path, OnToken on_token)
    : io_(io),
      background_(background),
      journal_(journal),
      path_(absolute_path(path)),
      on_token_(std::move(on_token)),
      watch_(
          io, std::vector{path_}, [this](const std::string&) { boost::asio::co_spawn(io_, look(), pass_on); },
          [this](const std::string& watched, const Error& error) {
            journal_.watch_failed(watched, error.message(), "another token counts after a restart");
          },
          &background) {}

void TokenSource::watch() { watch_.start(); }

boost::asio::awaitable<void> TokenSource::look() {
  auto work = [path = path_](const Cancelled&) { return find_token({}, path); };
  const auto token = co_await background_.run(std::move(work), std::chrono::steady_clock::now() + kPatience);
  if (!token) {
    journal_.token_rejected(path_, "reading did not end in time", kConsequence);
  } else if (!*token) {
    journal_.token_rejected(path_, token->error().message(), kConsequence);
  } else {
    on_token_(**token);
    journal_.token_changed(path_);
  }
}

}  // namespace amb
