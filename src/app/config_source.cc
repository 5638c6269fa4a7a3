// SPDX-License-Identifier: Apache-2.0
#include "app/config_source.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/await.h"

namespace amb {

namespace {

std::string absolute(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

}  // namespace

ConfigSource::ConfigSource(boost::asio::io_context& io, Background& background, CommandLine line,
                           Journal& journal, std::string standard_path)
    : io_(io),
      background_(background),
      line_(std::move(line)),
      journal_(journal),
      standard_path_(std::move(standard_path)) {
  take(read_input(line_, standard_path_.c_str()));
}

void ConfigSource::take(const WiringInput& input) {
  if (!input.config) return;
  path_ = absolute(input.config->path);
  last_ = *input.config;
}

Problem ConfigSource::no_answer() const {
  const Origin origin =
      path_.empty() ? Origin{Origin::Kind::hosts_file, "/etc/hosts"} : Origin{Origin::Kind::file, path_};
  return {origin,
          {},
          "reading did not end within " + std::to_string(kPatience.count()) + " s",
          "files on disks and mounts that answer"};
}

ConfigSource::Task<std::expected<Reading, Problem>> ConfigSource::read(std::optional<ConfigText> instead) {
  const bool is_preview = instead.has_value();
  auto work = [line = line_, standard = standard_path_, path = path_,
               instead = std::move(instead)](const Cancelled&) mutable {
    Reading reading{read_input(line, standard.c_str()), {}};
    std::optional<ConfigText>& config = reading.input.config;
    if (instead) {
      config = std::move(instead);
    } else if (!config && !path.empty()) {
      config = ConfigText{ConfigText::From::standard_place, path, {}, "No such file or directory"};
    }
    reading.findings = find_wiring(reading.input);
    return reading;
  };
  if (watch_) watch_->look_again();  // before the reading, so that no change falls between the two
  std::string failure;
  try {
    auto reading = co_await background_.run(std::move(work), std::chrono::steady_clock::now() + kPatience);
    if (!reading) co_return std::unexpected(no_answer());
    if (!is_preview) take(reading->input);
    co_return std::move(*reading);
  } catch (const std::exception& unforeseen) {
    failure = unforeseen.what();
  }
  Problem problem = no_answer();
  problem.what = "reading failed: " + failure;
  co_return std::unexpected(std::move(problem));
}

void ConfigSource::watch(std::function<void()> on_change) {
  const bool is_wanted = !path_.empty();
  on_change_ = std::move(on_change);
  told_ = last_;
  watch_ = std::make_unique<FileWatch>(
      io_, std::vector{is_wanted ? path_ : standard_path_},
      [this](const std::string&) { boost::asio::co_spawn(io_, look(), pass_on); },
      [this, is_wanted](const std::string& path, const Error& error) {
        if (!is_wanted) return;  // nobody may ever write it
        journal_.watch_failed(path, error.message(), "`ambassador reload` or SIGHUP reads it again");
      },
      &background_);
  watch_->start();
}

/// Touched, or written anew with the same words: nobody need hear of it. What could not be read at all is
/// told by whoever hears of it, and reads again.
ConfigSource::Task<void> ConfigSource::look() {
  const auto reading = co_await read();
  if (reading && last_.text == told_.text && last_.error == told_.error) co_return;
  told_ = last_;
  on_change_();
}

}  // namespace amb
