// SPDX-License-Identifier: Apache-2.0
#include "app/neighbour.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "unit/discovery/temporary_folder.h"

namespace amb {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

/// A /proc in which we are `ambassador healthcheck` of user 65534.
class Neighbour : public testing::Test {
 protected:
  Neighbour() {
    std::ofstream(folder_ / "ambassador") << "the program";
    std::ofstream(folder_ / "other") << "another one";
    add("7", "ambassador\0healthcheck\0"s);
    fs::create_directory_symlink(folder_ / "7", folder_ / "self");
  }
  void add(const std::string& id, const std::string& command_line, const std::string& uid = "65534",
           const std::string& state = "S (sleeping)", const std::string& program = "ambassador") const {
    fs::create_directories(folder_ / id);
    std::ofstream(folder_ / (id + "/status"))
        << "Name:\tambassador\nUmask:\t0022\nState:\t" << state << "\nUid:\t" << uid << "\t1\t2\t3\n";
    std::ofstream(folder_ / (id + "/cmdline")) << command_line;
    fs::create_symlink(folder_ / program, folder_ / (id + "/exe"));
  }
  std::optional<int> find() const { return find_neighbour(folder_ / ""); }

  test::TemporaryFolder folder_;
};

TEST_F(Neighbour, IsNobodyWhereOnlyCommandsRun) {
  add("8", "ambassador\0status\0--watch\0"s);
  add("9", "ambassador\0check\0"s);
  fs::create_directories(folder_ / "tty");
  EXPECT_EQ(find(), std::nullopt);
}

TEST_F(Neighbour, IsTheFirstThatRelays) {
  add("12", "ambassador\0redis\0006379\0"s);
  add("1", "/ambassador\0"s);
  EXPECT_EQ(find(), 1);
}

TEST_F(Neighbour, MayHaveAnyWordsOfALink) {
  add("1", "/ambassador\0run\0--config\0/links.toml\0"s);
  EXPECT_EQ(find(), 1);
}

TEST_F(Neighbour, RunsAndIsNotDeadOrStopped) {
  for (const char* state : {"Z (zombie)", "X (dead)", "T (stopped)", "t (tracing stop)"}) {
    fs::remove_all(folder_ / "1");
    add("1", "ambassador\0"s, "65534", state);
    EXPECT_EQ(find(), std::nullopt) << state;
  }
}

TEST_F(Neighbour, IsOfOurUser) {
  add("1", "ambassador\0"s, "1000");
  EXPECT_EQ(find(), std::nullopt);
}

TEST_F(Neighbour, IsOfAnyUserForRoot) {
  fs::remove_all(folder_ / "7");
  add("7", "ambassador\0healthcheck\0"s, "0");
  add("1", "ambassador\0"s, "1000");
  EXPECT_EQ(find(), 1);
}

TEST_F(Neighbour, IsOfThisProgram) {
  add("1", "ambassador\0"s, "65534", "S (sleeping)", "other");
  EXPECT_EQ(find(), std::nullopt) << "its name alone says nothing";
  fs::remove(folder_ / "1/exe");
  EXPECT_EQ(find(), 1) << "but it is all there is where the file cannot be seen";
}

TEST_F(Neighbour, IsNobodyWithoutProc) { EXPECT_EQ(find_neighbour(folder_ / "missing"), std::nullopt); }

}  // namespace
}  // namespace amb
