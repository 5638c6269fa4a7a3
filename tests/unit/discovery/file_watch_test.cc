// SPDX-License-Identifier: Apache-2.0
#include "discovery/file_watch.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "unit/discovery/watching.h"
#include "unit/support/eventually.h"
#include "unit/support/network_namespace.h"

namespace amb {
namespace {

namespace fs = std::filesystem;
using test::kDeadline;
using test::TemporaryFolder;
using test::Watching;

TEST(FileWatch, TellsNothingWhileNothingChanges) {
  const TemporaryFolder folder;
  folder.write("hosts", "old");
  Watching watching(folder);
  std::ifstream(folder / "hosts").get();
  folder.write("other", "new");
  EXPECT_TRUE(watching.tells_nothing()) << "to be read is no change, nor is a neighbour's";
  EXPECT_TRUE(watching.failures().empty());
}

TEST(FileWatch, TellsOfAFileThatIsWrittenInPlace) {
  const TemporaryFolder folder;
  folder.write("hosts", "old");
  Watching watching(folder);
  for (int i = 0; i < 3; ++i) {
    folder.write("hosts", "new");
    EXPECT_TRUE(watching.tells_a_change());
  }
}

TEST(FileWatch, WaitsForTheEndOfTheWriting) {
  const TemporaryFolder folder;
  folder.write("hosts", "old");
  Watching watching(folder);
  std::ofstream file(folder / "hosts");
  file << "half" << std::flush;
  EXPECT_TRUE(watching.tells_nothing()) << "truncated, and half of it written";
  file << " and half";
  file.close();
  EXPECT_TRUE(watching.tells_a_change());
}

TEST(FileWatch, TellsOfAFileThatIsReplacedAndOfItsSuccessor) {
  const TemporaryFolder folder;
  folder.write("hosts", "old");
  Watching watching(folder);
  for (int i = 0; i < 3; ++i) {
    folder.write("hosts.tmp", "new");
    EXPECT_TRUE(watching.tells_nothing());
    folder.rename("hosts.tmp", "hosts");
    EXPECT_TRUE(watching.tells_a_change());
    folder.write("hosts", "newer");
    EXPECT_TRUE(watching.tells_a_change()) << "the new file is watched now";
  }
}

TEST(FileWatch, TellsOfAFileThatGoesAndComes) {
  const TemporaryFolder folder;
  Watching watching(folder);
  for (int i = 0; i < 3; ++i) {
    folder.write("hosts", "new");
    EXPECT_TRUE(watching.tells_a_change());
    fs::remove(folder / "hosts");
    EXPECT_TRUE(watching.tells_a_change());
  }
}

TEST(FileWatch, WaitsForAFileThatWasMadeToBeWritten) {
  const TemporaryFolder folder;
  Watching watching(folder);
  std::ofstream file(folder / "hosts");
  EXPECT_TRUE(watching.tells_nothing()) << "it is there, and empty";
  file << "new";
  file.close();
  EXPECT_TRUE(watching.tells_a_change());
}

TEST(FileWatch, TellsOfAFileThatHasOtherPermissions) {
  const TemporaryFolder folder;
  folder.write("hosts", "old");
  Watching watching(folder);
  fs::permissions(folder / "hosts", fs::perms::owner_all);
  EXPECT_TRUE(watching.tells_a_change()) << "perhaps it can be read now";
}

TEST(FileWatch, FollowsLinksWhereverTheyAreTurned) {
  const TemporaryFolder folder;
  for (const char* name : {"one", "two"}) {
    fs::create_directory(folder / name);
    folder.write(std::string(name) + "/conf", "text");
  }
  fs::create_symlink("one/conf", folder / "hosts");
  Watching watching(folder);
  folder.write("one/conf", "new");
  EXPECT_TRUE(watching.tells_a_change());
  fs::create_symlink("two/conf", folder / "link.tmp");
  folder.rename("link.tmp", "hosts");
  EXPECT_TRUE(watching.tells_a_change());
  folder.write("one/conf", "newer");
  EXPECT_TRUE(watching.tells_nothing()) << "it leads there no more";
  folder.write("two/conf", "new");
  EXPECT_TRUE(watching.tells_a_change());
  folder.write("two/conf.tmp", "newer");
  folder.rename("two/conf.tmp", "two/conf");
  EXPECT_TRUE(watching.tells_a_change());
}

TEST(FileWatch, FollowsADirectoryLinkThatIsReplaced) {
  const TemporaryFolder folder;
  for (const char* name : {"..version1", "..version2"}) {
    fs::create_directory(folder / name);
    folder.write(std::string(name) + "/hosts", "text");
  }
  fs::create_symlink("..version1", folder / "..data");
  fs::create_symlink("..data/hosts", folder / "hosts");
  Watching watching(folder);
  fs::create_symlink("..version2", folder / "..data.tmp");
  folder.rename("..data.tmp", "..data");
  EXPECT_TRUE(watching.tells_a_change());
  folder.write("..version2/hosts", "new");
  EXPECT_TRUE(watching.tells_a_change());
}

TEST(FileWatch, TellsOfAFileWhoseDirectoryComesLater) {
  const TemporaryFolder folder;
  Watching watching(folder, {"etc/deep/hosts"});
  fs::create_directories(folder / "etc");
  (void)watching.told();
  fs::create_directories(folder / "etc/deep");
  (void)watching.told();
  folder.write("etc/deep/hosts", "new");
  EXPECT_EQ(watching.told(), (std::vector<std::string>{"etc/deep/hosts"}));
}

TEST(FileWatch, TellsOfABurstOnce) {
  const TemporaryFolder folder;
  folder.write("hosts", "old");
  Watching watching(folder);
  for (int i = 0; i < 100; ++i) folder.write("hosts", "new");
  EXPECT_EQ(watching.told_by_now().size(), 1U);
  EXPECT_TRUE(watching.tells_nothing());
}

TEST(FileWatch, TellsWhichOfItsFilesHasChanged) {
  const TemporaryFolder folder;
  folder.write("hosts", "old");
  folder.write("resolv.conf", "old");
  Watching watching(folder, {"hosts", "resolv.conf"});
  folder.write("resolv.conf", "new");
  EXPECT_EQ(watching.told(), (std::vector<std::string>{"resolv.conf"}));
  folder.write("resolv.conf", "new");
  folder.write("hosts", "new");
  EXPECT_EQ(watching.told_by_now(), (std::vector<std::string>{"hosts", "resolv.conf"}));
}

TEST(FileWatch, SeesAWriterThatComesByAnotherPath) {
  // Docker mounts a file of its own over /etc/hosts, and writes to it where it lies on the host.
  test::in_network_namespace([] {
    const TemporaryFolder folder;
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    fs::create_directory(folder / "host");
    folder.write("host/hosts", "old");
    folder.write("hosts", "hidden");
    const std::string from = folder / "host/hosts", over = folder / "hosts";
    ASSERT_EQ(::mount(from.c_str(), over.c_str(), nullptr, MS_BIND, nullptr), 0);
    Watching watching(folder);
    folder.write("host/hosts", "new");
    EXPECT_TRUE(watching.tells_a_change());
    watching.end();
    EXPECT_EQ(::umount(over.c_str()), 0);
  });
}

TEST(FileWatch, TellsOfAllFilesWhenTheKernelHasLostCount) {
  const TemporaryFolder folder;
  folder.write("hosts", "old");
  Watching watching(folder, {"hosts", "resolv.conf"});
  unsigned limit = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> limit;
  // By turns, for the kernel merges events that are equal.
  for (unsigned i = 0; i < limit / 2 + 10; ++i) {
    fs::permissions(folder / "hosts", i % 2 == 0 ? fs::perms::owner_all : fs::perms::owner_read);
    folder.write("neighbour", "");
  }
  EXPECT_EQ(watching.told_by_now(), (std::vector<std::string>{"hosts", "resolv.conf"}));
}

TEST(FileWatch, SaysOnceForEachFileThatItCannotWatch) {
  test::in_child([] {
    const TemporaryFolder folder;
    folder.write("hosts", "old");
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
    boost::asio::io_context io;
    std::vector<std::string> failures;
    FileWatch watch(
        io, {folder / "hosts", folder / "resolv.conf"}, [](const std::string&) { ADD_FAILURE(); },
        [&](const std::string&, const Error& error) { failures.push_back(error.message()); });
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    watch.start();
    watch.flush();
    io.run();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(failures, (std::vector<std::string>(2, "cannot start inotify: Too many open files")));
  });
}

TEST(FileWatch, TellsNothingAfterItsEnd) {
  const TemporaryFolder folder;
  folder.write("hosts", "old");
  Watching watching(folder);
  folder.write("hosts", "new");
  watching.io().run_one_for(kDeadline);  // the event has been read, and the burst is waited for
  watching.end();
  watching.io().run();
  EXPECT_TRUE(watching.told().empty());
}

}  // namespace
}  // namespace amb
