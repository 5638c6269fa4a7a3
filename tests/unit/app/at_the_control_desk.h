// SPDX-License-Identifier: Apache-2.0
//
// Two links that run, a and b, and the control desk that is asked about them.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <string>
#include <utility>

#include "app/control_desk.h"
#include "unit/app/living.h"

namespace amb::test {

class AtTheControlDesk : public testing::Test {
 protected:
  /// What a question comes to that workers have to be asked for.
  template <class T>
  T ask(Control::Task<T> task) {
    std::optional<T> answer;
    boost::asio::co_spawn(
        living_.supervisor().io(),
        [](Control::Task<T> asked, std::optional<T>& into) -> Control::Task<void> {
          into.emplace(co_await std::move(asked));
        }(std::move(task), answer),
        boost::asio::detached);
    EXPECT_TRUE(living_.supervisor().run_until([&] { return answer.has_value(); }));
    return std::move(answer).value();
  }
  SessionList sessions(SessionQuery query = {}) { return ask(desk_.sessions(std::move(query))).value(); }
  std::string with_health(const std::string& name, const SocketAddress& listen,
                          const SocketAddress& upstream) {
    return link_text(name, listen, upstream,
                     "health = 'tcp'\nhealth_interval = '20ms'\nhealth_fall = 1\nhealth_rise = 1\n");
  }

  Service first_, second_;
  SocketAddress a_ = free_address(), b_ = free_address();
  Living living_{link_text("a", a_, first_.address()) + link_text("b", b_, second_.address())};
  EventHub events_{living_.supervisor().log(), living_.supervisor().links()};
  ControlDesk desk_{{living_.supervisor().io(), living_.supervisor().links(),
                     *living_.supervisor().operator->(), living_.wiring(), events_},
                    [] { return std::string("/etc/links.toml"); }};
};

}  // namespace amb::test
