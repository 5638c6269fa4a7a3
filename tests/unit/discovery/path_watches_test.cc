// SPDX-License-Identifier: Apache-2.0
#include "discovery/path_watches.h"

#include <gtest/gtest.h>
#include <sys/inotify.h>

#include <algorithm>
#include <utility>

#include "base/unique_fd.h"
#include "unit/discovery/temporary_folder.h"

namespace amb {
namespace {

using test::TemporaryFolder;

class PathWatchesTest : public testing::Test {
 protected:
  PathWatches of(const std::vector<std::string>& names) const {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(folder_ / name);
    return watch_paths(inotify_.borrow(), paths);
  }

  /// How many watches stand for this very file of that number, and for an entry of that name.
  static std::pair<std::size_t, std::size_t> count(const PathWatches& found, std::size_t index,
                                                   const std::string& entry) {
    std::size_t files = 0, entries = 0;
    for (const auto& [watch, of] : found.watched) {
      files += static_cast<std::size_t>(std::ranges::count(of.files, index));
      entries += static_cast<std::size_t>(std::ranges::count(of.entries, std::pair(entry, index)));
    }
    return {files, entries};
  }

  TemporaryFolder folder_;
  UniqueFd inotify_{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
};

TEST_F(PathWatchesTest, AreOfTheFileAndOfItsEntry) {
  folder_.write("hosts", "some");
  const PathWatches found = of({"hosts"});
  EXPECT_GE(count(found, 0, "hosts").first, 1U);
  EXPECT_GE(count(found, 0, "hosts").second, 1U);
  EXPECT_TRUE(found.failures.empty());
  EXPECT_EQ(found.is_empty, std::vector<bool>{false});
}

TEST_F(PathWatchesTest, AreOfTheEntryAloneWhereThereIsNoFile) {
  const PathWatches found = of({"hosts"});
  EXPECT_EQ(count(found, 0, "hosts").first, 0U);
  EXPECT_GE(count(found, 0, "hosts").second, 1U);
  EXPECT_TRUE(found.failures.empty());
}

TEST_F(PathWatchesTest, AreOneWhereTwoPathsWantTheSameFolder) {
  folder_.write("hosts", "some");
  folder_.write("empty", "");
  const PathWatches one = of({"hosts"});
  const PathWatches both = of({"hosts", "empty"});
  EXPECT_EQ(both.watched.size(), one.watched.size() + 1) << "the other file, in the same folders";
  EXPECT_EQ(both.is_empty, (std::vector<bool>{false, true}));
}

TEST_F(PathWatchesTest, SayWhatTheKernelRefuses) {
  folder_.write("hosts", "some");
  const PathWatches found = watch_paths(-1, {folder_ / "hosts"});
  ASSERT_FALSE(found.failures.empty());
  EXPECT_EQ(found.failures.front().first, 0U);
  EXPECT_NE(found.failures.front().second.message().find("cannot watch"), std::string::npos);
}

}  // namespace
}  // namespace amb
