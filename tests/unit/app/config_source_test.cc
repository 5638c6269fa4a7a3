// SPDX-License-Identifier: Apache-2.0
#include "app/config_source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/discovery/temporary_folder.h"
#include "unit/support/eventually.h"
#include "unit/support/run_task.h"

namespace amb {
namespace {

namespace fs = std::filesystem;
using test::kDeadline;
using test::TemporaryFolder;

/// A source of a file in a folder, watched, and how often it has told of a change.
class Watched {
 public:
  explicit Watched(const TemporaryFolder& folder, const std::string& name = "links.toml")
      : Watched(CommandLine{.config = folder / name}, "/nonexistent") {}
  Watched(CommandLine line, const std::string& standard_path)
      : source_(io_, background_, std::move(line), journal_, standard_path) {
    source_.watch([this] { ++told_; });
  }

  ConfigSource& source() { return source_; }
  WiringInput read() { return test::run_task(io_, source_.read()).value().input; }
  WiringInput preview(const std::string& text) {
    return test::run_task(io_, source_.read(ConfigText{ConfigText::From::option, "p", text, {}}))
        .value()
        .input;
  }
  std::string text() { return read().config.value().text; }

  int told() const { return told_; }

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
  Background background_{io_};
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
  const auto gone = watched.read().config;
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

TEST_F(ConfigSourceTest, SaysWhatStandsInTheFilesPlaceAndWaitsForNobody) {
  Watched watched(folder_);
  fs::remove(folder_ / "links.toml");
  EXPECT_TRUE(watched.tells_a_change());
  ASSERT_EQ(::mkfifo((folder_ / "links.toml").c_str(), 0600), 0);
  EXPECT_TRUE(watched.tells_a_change());
  EXPECT_EQ(watched.read().config->error, "it is not a regular file");
  fs::remove(folder_ / "links.toml");
  fs::create_directory(folder_ / "links.toml");
  EXPECT_TRUE(watched.tells_a_change());
  EXPECT_EQ(watched.read().config->error, "Is a directory");
}

TEST_F(ConfigSourceTest, TakesATextInPlaceOfTheFile) {
  Watched watched(folder_);
  EXPECT_EQ(watched.preview("new").config->text, "new");
  EXPECT_EQ(watched.text(), "old");
}

TEST_F(ConfigSourceTest, TellsOfAFileThatComesToTheStandardPlace) {
  Watched watched(CommandLine{}, folder_ / "ambassador.toml");
  EXPECT_EQ(watched.source().path(), "");
  EXPECT_FALSE(watched.read().config);
  folder_.write("ambassador.toml", "new");
  EXPECT_TRUE(watched.tells_a_change());
  EXPECT_EQ(watched.text(), "new");
  EXPECT_EQ(watched.source().path(), folder_ / "ambassador.toml");
  fs::remove(folder_ / "ambassador.toml");
  EXPECT_TRUE(watched.tells_a_change());
  EXPECT_EQ(watched.read().config->error, "No such file or directory") << "it was there";
}

TEST_F(ConfigSourceTest, TellsNothingWhereThereIsNoFile) {
  Watched watched(CommandLine{}, folder_ / "ambassador.toml");
  folder_.write("another.toml", "new");
  EXPECT_FALSE(watched.read().config);
  EXPECT_EQ(watched.told(), 0);
}

}  // namespace
}  // namespace amb
