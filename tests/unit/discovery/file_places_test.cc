// SPDX-License-Identifier: Apache-2.0
#include "discovery/file_places.h"

#include <gtest/gtest.h>

#include "unit/discovery/temporary_folder.h"

namespace amb {
namespace {

namespace fs = std::filesystem;

class Places : public testing::Test {
 protected:
  /// "a: b, c: d -> f", relative to the folder.
  std::string of(const std::string& path) const {
    const FilePlaces places = find_places(folder_ / path);
    std::string text;
    for (const auto& [directory, name] : places.entries)
      text += (text.empty() ? "" : ", ") + relative(directory) + ": " + name;
    return text + (places.file.empty() ? "" : " -> " + relative(places.file));
  }
  std::string relative(const fs::path& path) const {
    return path.lexically_relative(folder_.path()).string();
  }

  test::TemporaryFolder folder_;
};

TEST_F(Places, OfAFileAreItsDirectoryAndItself) {
  folder_.write("hosts", "");
  EXPECT_EQ(of("hosts"), ".: hosts -> hosts");
}

TEST_F(Places, OfAFileThatDoesNotExistAreWhereItWouldCome) {
  EXPECT_EQ(of("hosts"), ".: hosts");
  EXPECT_EQ(of("etc/ambassador/links.toml"), ".: etc") << "the first directory that is missing";
}

TEST_F(Places, AreBehindTheFoldersThatLeadThere) {
  fs::create_directories(folder_ / "run/user");
  folder_.write("run/user/hosts", "");
  fs::create_symlink("run", folder_ / "var");
  const auto folders = find_places(folder_ / "var/user/hosts").folders;
  ASSERT_GE(folders.size(), 2U);
  EXPECT_EQ(folders.back(), folder_ / "run/user");
  EXPECT_EQ(folders[folders.size() - 2], folder_ / "run") << "and not the link to it";
}

TEST_F(Places, OfALinkAreThoseOfItsTargetToo) {
  fs::create_directory(folder_ / "run");
  folder_.write("run/stub.conf", "");
  fs::create_symlink("run/stub.conf", folder_ / "relative");
  fs::create_symlink(folder_ / "run/stub.conf", folder_ / "absolute");
  fs::create_symlink("absolute", folder_ / "twice");
  EXPECT_EQ(of("relative"), ".: relative, run: stub.conf -> run/stub.conf");
  EXPECT_EQ(of("absolute"), ".: absolute, run: stub.conf -> run/stub.conf");
  EXPECT_EQ(of("twice"), ".: twice, .: absolute, run: stub.conf -> run/stub.conf");
}

TEST_F(Places, OfALinkToNothingAreWhereItsTargetWouldCome) {
  fs::create_symlink("later", folder_ / "link");
  EXPECT_EQ(of("link"), ".: link, .: later");
}

TEST_F(Places, OfAFileBehindALinkedDirectoryAreThatLinkToo) {
  // As Kubernetes mounts a ConfigMap: a new version is a new directory, and ..data is renamed over.
  fs::create_directory(folder_ / "..version1");
  folder_.write("..version1/links.toml", "");
  fs::create_symlink("..version1", folder_ / "..data");
  fs::create_symlink("..data/links.toml", folder_ / "links.toml");
  EXPECT_EQ(of("links.toml"), ".: links.toml, .: ..data, ..version1: links.toml -> ..version1/links.toml");
}

TEST_F(Places, GoUpWithTheLinksTarget) {
  fs::create_directory(folder_ / "etc");
  folder_.write("hosts", "");
  fs::create_symlink("../hosts", folder_ / "etc/hosts");
  EXPECT_EQ(of("etc/hosts"), "etc: hosts, .: hosts -> hosts");
  EXPECT_EQ(of("etc/../hosts"), ".: hosts -> hosts");
}

TEST_F(Places, EndWhereLinksGoInCircles) {
  fs::create_symlink("b", folder_ / "a");
  fs::create_symlink("a", folder_ / "b");
  const FilePlaces places = find_places(folder_ / "a");
  EXPECT_LE(places.entries.size(), static_cast<std::size_t>(kMostLinks) + 1);
  EXPECT_TRUE(places.file.empty());
}

}  // namespace
}  // namespace amb
