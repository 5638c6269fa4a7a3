// SPDX-License-Identifier: Apache-2.0
#include "app/socket_access.h"

#include <gtest/gtest.h>

#include "unit/discovery/temporary_folder.h"

namespace amb {
namespace {

class SocketAccess : public testing::Test {
 protected:
  SocketAccess() {
    folder_.write("passwd",
                  "root:x:0:0:root:/root:/bin/sh\nredis-old:x:7:7::/:\nredis:x:101:102::/:\nbroken:x\n");
    folder_.write("group", "root:x:0:\nredis:x:102:web\nno-number:x:many:\n");
  }
  Result<WantedAccess> of(const SocketFile& file) const {
    return wanted_access(file, {folder_ / "passwd", folder_ / "group"});
  }
  std::string error_of(const SocketFile& file) const {
    const auto wanted = of(file);
    return wanted ? "" : wanted.error().message();
  }

  test::TemporaryFolder folder_;
};

TEST_F(SocketAccess, OfNamesIsWhatTheFilesSay) {
  const auto wanted = of({.mode = 0660, .owner = "redis", .group = "redis"});
  ASSERT_TRUE(wanted);
  EXPECT_EQ(*wanted, (WantedAccess{.mode = 0660, .owner = 101, .group = 102}));
}

TEST_F(SocketAccess, OfNumbersReadsNoFile) {
  const auto wanted = wanted_access({.owner = "1000", .group = "0"}, {"/missing", "/missing"});
  ASSERT_TRUE(wanted);
  EXPECT_EQ(*wanted, (WantedAccess{.mode = {}, .owner = 1000, .group = 0}));
}

TEST_F(SocketAccess, LeavesAsItIsWhatNobodySaid) {
  const auto wanted = of({.group = "redis"});
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->on({0755, 5, 6}), (FileAccess{0755, 5, 102}));
}

TEST_F(SocketAccess, OfANameThatNobodyKnowsIsAnErrorThatNamesTheFile) {
  EXPECT_EQ(error_of({.owner = "redi"}), "there is no 'redi' in " + (folder_ / "passwd"));
  EXPECT_EQ(error_of({.group = "web"}), "there is no 'web' in " + (folder_ / "group"));
  EXPECT_NE(error_of({.owner = "broken"}), "");
  EXPECT_NE(error_of({.group = "no-number"}), "");
}

TEST_F(SocketAccess, WithoutTheFileIsAnErrorToo) {
  const auto wanted = wanted_access({.owner = "redis"}, {"/missing/passwd", "/missing/group"});
  ASSERT_FALSE(wanted);
  EXPECT_EQ(wanted.error().code, ENOENT);
}

}  // namespace
}  // namespace amb
