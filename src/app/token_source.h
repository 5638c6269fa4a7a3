// SPDX-License-Identifier: Apache-2.0
//
// The file with the admin API's token: when it holds another one, that is the token from then on.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>

#include "app/journal.h"
#include "base/background.h"
#include "discovery/file_watch.h"

namespace amb {

class TokenSource {
 public:
  using OnToken = std::function<void(const std::string& token)>;

  TokenSource(boost::asio::io_context& io, Background& background, Journal& journal, std::string path,
              OnToken on_token);

  /// `on_token` is called for each change from now on, but not for what is no token: the last one stays.
  void watch();

 private:
  boost::asio::awaitable<void> look();

  boost::asio::io_context& io_;
  Background& background_;
  Journal& journal_;
  std::string path_;
  OnToken on_token_;
  FileWatch watch_;
};

}  // namespace amb
