// SPDX-License-Identifier: Apache-2.0
//
// What the path of a watched file leads to changes far above the file.
#include <gtest/gtest.h>
#include <sys/mount.h>

#include "unit/discovery/watching.h"
#include "unit/support/network_namespace.h"

namespace amb {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using test::Watching;

TEST(FileWatchPath, TellsWhenAFolderOnTheWayIsRenamedAndFollowsWhatComesInItsPlace) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "a/b");
  folder.write("a/b/hosts", "old");
  Watching watching(folder, {"a/b/hosts"});
  folder.rename("a", "former");
  EXPECT_EQ(watching.told(), std::vector<std::string>{"a/b/hosts"});
  folder.write("former/b/hosts", "of no concern");
  EXPECT_TRUE(watching.tells_nothing());
  fs::create_directories(folder / "next/b");
  folder.write("next/b/hosts", "new");
  folder.rename("next", "a");
  EXPECT_EQ(watching.told(), std::vector<std::string>{"a/b/hosts"});
  folder.write("a/b/hosts", "newer");
  EXPECT_EQ(watching.told(), std::vector<std::string>{"a/b/hosts"});
}

TEST(FileWatchPath, TellsWhenSomethingIsMountedOverTheFolder) {
  test::in_network_namespace([] {
    const TemporaryFolder folder;
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    for (const char* name : {"etc", "other", "elsewhere"}) fs::create_directory(folder / name);
    folder.write("etc/hosts", "old");
    folder.write("other/hosts", "new");
    Watching watching(folder, {"etc/hosts"});
    const std::string from = folder / "other", over = folder / "etc", beside = folder / "elsewhere";
    ASSERT_EQ(::mount(from.c_str(), over.c_str(), nullptr, MS_BIND, nullptr), 0);
    EXPECT_EQ(watching.told(), std::vector<std::string>{"etc/hosts"});
    folder.write("other/hosts", "newer");
    EXPECT_EQ(watching.told(), std::vector<std::string>{"etc/hosts"});
    ASSERT_EQ(::mount(from.c_str(), beside.c_str(), nullptr, MS_BIND, nullptr), 0);
    EXPECT_TRUE(watching.tells_nothing()) << "that is another place";
    ASSERT_EQ(::umount(over.c_str()), 0);
    EXPECT_EQ(watching.told(), std::vector<std::string>{"etc/hosts"});
    watching.end();
    EXPECT_EQ(::umount(beside.c_str()), 0);
  });
}

}  // namespace
}  // namespace amb
