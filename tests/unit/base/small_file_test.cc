// SPDX-License-Identifier: Apache-2.0
#include "base/small_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

namespace amb {
namespace {

class SmallFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "small_file_XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& text) const {
    const std::string path = folder_ / "file";
    std::ofstream(path) << text;
    return path;
  }

  std::filesystem::path folder_;
};

TEST_F(SmallFile, IsReadWhole) {
  const std::string text(40'000, 'x');
  EXPECT_EQ(read_small_file(write(text), 40'000), text);
  EXPECT_EQ(read_small_file(write(""), 0), "");
}

TEST_F(SmallFile, OfMoreThanItsBoundIsRefused) {
  const auto read = read_small_file(write("12345"), 4);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, EFBIG);
}

TEST_F(SmallFile, BehindALinkIsRead) {
  const std::filesystem::path link = folder_ / "link";
  std::filesystem::create_symlink(write("text"), link);
  EXPECT_EQ(read_small_file(link, 10), "text");
}

TEST_F(SmallFile, OfTheKernelIsReadThoughItSaysItIsEmpty) {
  const auto read = read_small_file("/proc/self/status", 65536);
  ASSERT_TRUE(read);
  EXPECT_NE(read->find("Pid:"), std::string::npos);
}

TEST_F(SmallFile, ThatIsNotThereSaysSo) {
  const auto read = read_small_file(folder_ / "nothing", 10);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ENOENT);
}

TEST_F(SmallFile, IsNeitherAFolderNorAFifoNorADevice) {
  const std::string fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(read_small_file(folder_, 10).error().code, EISDIR);
  for (const std::string& path : {fifo, std::string("/dev/zero"), std::string("/dev/ptmx")}) {
    const auto read = read_small_file(path, 10);
    ASSERT_FALSE(read) << path;
    EXPECT_NE(read.error().message().find("not a regular file"), std::string::npos) << read.error().message();
  }
}

}  // namespace
}  // namespace amb
