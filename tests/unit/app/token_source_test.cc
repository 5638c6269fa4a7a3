// SPDX-License-Identifier: Apache-2.0
#include "app/token_source.h"

#include <gtest/gtest.h>

#include "unit/discovery/temporary_folder.h"
#include "unit/support/eventually.h"
#include "unit/support/redirected.h"

namespace amb {
namespace {

const std::string kOld(16, 'a'), kNew(16, 'b');

class TokenSourceTest : public testing::Test {
 protected:
  TokenSourceTest() {
    folder_.write("token", kOld + "\n");
    source_.emplace(io_, background_, journal_, folder_ / "token",
                    [this](const std::string& token) { tokens_.push_back(token); });
    source_->watch();
  }

  /// Runs until there is one more, or the log has `event`.
  void run_until(const std::string& event) {
    EXPECT_TRUE(test::eventually([&] {
      io_.poll();
      return error_.text().find(event) != std::string::npos;
    })) << event;
  }

  test::TemporaryFolder folder_;
  test::Captured error_{STDERR_FILENO};
  Log log_{LogFormat::json, LogLevel::info};
  LinkTable links_;
  Journal journal_{log_, links_};
  boost::asio::io_context io_;
  Background background_{io_};
  std::vector<std::string> tokens_;
  std::optional<TokenSource> source_;
};

TEST_F(TokenSourceTest, GivesTheTokenThatTheFileHoldsNow) {
  folder_.write("token", kNew + "\n");
  run_until("token_changed");
  EXPECT_EQ(tokens_, std::vector<std::string>{kNew});
}

TEST_F(TokenSourceTest, LeavesTheTokenWhereTheFileHoldsNone) {
  folder_.write("token", "short");
  run_until("token_rejected");
  EXPECT_TRUE(tokens_.empty());
  folder_.write("token", kNew);
  run_until("token_changed");
  EXPECT_EQ(tokens_, std::vector<std::string>{kNew});
}

TEST_F(TokenSourceTest, NeverSaysTheToken) {
  folder_.write("token", kNew + " and more");
  run_until("token_rejected");
  EXPECT_EQ(error_.text().find(kNew), std::string::npos);
}

}  // namespace
}  // namespace amb
