// SPDX-License-Identifier: Apache-2.0
#include "app/config_source.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "app/input.h"

namespace amb {

namespace {

std::string absolute(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

}  // namespace

ConfigSource::ConfigSource(boost::asio::io_context& io, CommandLine line, Journal& journal)
    : io_(io), line_(std::move(line)), journal_(journal) {
  (void)read();
}

WiringInput ConfigSource::read() {
  WiringInput input = read_input(line_);
  if (input.config) {
    path_ = absolute(input.config->path);
    last_ = *input.config;
  } else if (!path_.empty()) {
    last_.text.clear();
    last_.error = "No such file or directory";
    input.config = last_;
  }
  return input;
}

void ConfigSource::watch(std::function<void()> on_change) {
  if (path_.empty()) return;
  on_change_ = std::move(on_change);
  told_ = last_;
  watch_ = std::make_unique<FileWatch>(
      io_, std::vector{path_}, [this](const std::string&) { look(); },
      [this](const std::string& path, const Error& error) {
        journal_.watch_failed(path, error.message(), "`ambassador reload` or SIGHUP reads it again");
      });
  watch_->start();
}

/// Touched, or written anew with the same words: nobody need hear of it.
void ConfigSource::look() {
  (void)read();
  if (last_.text == told_.text && last_.error == told_.error) return;
  told_ = last_;
  on_change_();
}

}  // namespace amb
