// SPDX-License-Identifier: Apache-2.0
#include "app/config_source.h"

#include <gtest/gtest.h>

#include "unit/discovery/temporary_folder.h"
#include "unit/support/eventually.h"

namespace amb {
namespace {

namespace fs = std::filesystem;
using test::kDeadline;
using test::TemporaryFolder;

/// A source of a file in a folder, watched, and how often it has told of a change.
class Watched {
 public:
  explicit Watched(const TemporaryFolder& folder, const std::string& name = "links.toml")
      : source_(io_, {.config = folder / name}, journal_) {
    source_.watch([this] { ++told_; });
  }

  ConfigSource& source() { return source_; }
  std::string text() { return source_.read().config.value().text; }

  /// Waits until it tells of a change, which is one.
  bool tells_a_change() {
    while (told_ == 0 && io_.run_one_for(kDeadline) > 0) {
    }
    return std::exchange(told_, 0) == 1;
  }

 private:
  LinkTable links_;
  Log log_{LogFormat::json, LogLevel::error};
  Journal journal_{log_, links_};
  boost::asio::io_context io_;
  int told_ = 0;
  ConfigSource source_;
};

class ConfigSourceTest : public testing::Test {
 protected:
  ConfigSourceTest() { folder_.write("links.toml", "old"); }
  TemporaryFolder folder_;
};

TEST_F(ConfigSourceTest, ReadsTheFileAsItIsEachTime) {
  Watched watched(folder_);
  EXPECT_EQ(watched.source().path(), folder_ / "links.toml");
  EXPECT_EQ(watched.text(), "old");
  folder_.write("links.toml", "new");
  EXPECT_EQ(watched.text(), "new");
}

TEST_F(ConfigSourceTest, TellsOfAFileThatIsWrittenInPlace) {
  Watched watched(folder_);
  for (const char* text : {"one", "two", "three"}) {
    folder_.write("links.toml", text);
    EXPECT_TRUE(watched.tells_a_change());
    EXPECT_EQ(watched.text(), text);
  }
}

TEST_F(ConfigSourceTest, TellsOfAFileThatIsReplaced) {
  Watched watched(folder_);
  for (const char* text : {"one", "two"}) {
    folder_.write("links.tmp", text);
    folder_.rename("links.tmp", "links.toml");
    EXPECT_TRUE(watched.tells_a_change());
    EXPECT_EQ(watched.text(), text);
  }
}

TEST_F(ConfigSourceTest, TellsWhenTheLinkToItLeadsElsewhereAsInAConfigMap) {
  for (const char* version : {"..1", "..2"}) {
    fs::create_directory(folder_.path() / version);
    folder_.write(std::string(version) + "/conf", version);
  }
  fs::create_symlink("..1", folder_ / "..data");
  fs::create_symlink("..data/conf", folder_ / "conf");
  Watched watched(folder_, "conf");
  EXPECT_EQ(watched.text(), "..1");
  fs::create_symlink("..2", folder_ / "..data_tmp");
  folder_.rename("..data_tmp", "..data");
  EXPECT_TRUE(watched.tells_a_change());
  EXPECT_EQ(watched.text(), "..2");
}

TEST_F(ConfigSourceTest, SaysThatAFileIsGoneAndHearsOfItsReturn) {
  Watched watched(folder_);
  fs::remove(folder_ / "links.toml");
  EXPECT_TRUE(watched.tells_a_change());
  const auto gone = watched.source().read().config;
  ASSERT_TRUE(gone) << "that is not the same as no file";
  EXPECT_EQ(gone->error, "No such file or directory");
  folder_.write("links.toml", "old");
  EXPECT_TRUE(watched.tells_a_change());
  EXPECT_EQ(watched.text(), "old");
}

TEST_F(ConfigSourceTest, TellsNothingOfTheSameWordsWrittenAgain) {
  Watched watched(folder_);
  folder_.write("links.toml", "old");
  folder_.write("links.toml.tmp", "old");
  folder_.rename("links.toml.tmp", "links.toml");
  folder_.write("links.toml", "new");
  EXPECT_TRUE(watched.tells_a_change()) << "once";
}

TEST_F(ConfigSourceTest, TellsOfAChangeThatSomebodyElseHasReadBefore) {
  Watched watched(folder_);
  folder_.write("links.toml", "new");
  EXPECT_EQ(watched.text(), "new") << "for a rewire, say, which takes nothing of it";
  EXPECT_TRUE(watched.tells_a_change());
}

TEST(ConfigSourceWithoutFile, HasNothingToWatch) {
  LinkTable links;
  Log log(LogFormat::json, LogLevel::error);
  Journal journal(log, links);
  boost::asio::io_context io;
  ConfigSource source(io, {}, journal);
  if (!source.path().empty()) GTEST_SKIP() << "this host has an " << source.path();
  source.watch([] { FAIL(); });
  EXPECT_EQ(io.run(), 0U);
  EXPECT_FALSE(source.read().config);
}

}  // namespace
}  // namespace amb
