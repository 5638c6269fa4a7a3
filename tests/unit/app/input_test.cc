// SPDX-License-Identifier: Apache-2.0
#include "app/input.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "base/unique_fd.h"
#include "unit/support/child.h"
#include "wiring/config_file.h"

namespace amb {
namespace {

/// Its words are few; the environment is the child's.
void with_environment(std::vector<std::string> entries, auto body) {
  test::in_child([&] {
    std::vector<char*> variables;
    for (std::string& entry : entries) variables.push_back(entry.data());
    variables.push_back(nullptr);
    environ = variables.data();
    body();
  });
}

/// Where no file of links is.
constexpr auto kNowhere = "/nonexistent/ambassador.toml";

WiringInput read_words(std::vector<std::string> words = {}) {
  return read_input(CommandLine{.words = std::move(words), .config = {}}, kNowhere);
}

using Variables = std::vector<std::pair<std::string, std::string>>;

TEST(Input, HoldsTheWordsAndTheEnvironmentInTheirOrder) {
  with_environment({"B_PORT_2_TCP=tcp://b:2", "A_PORT_1_TCP=tcp://a:1?listen=unix:///x", "EMPTY="}, [] {
    const WiringInput input = read_words({"redis", "6379"});
    EXPECT_EQ(input.arguments, (std::vector<std::string>{"redis", "6379"}));
    EXPECT_EQ(input.environment, (Variables{{"B_PORT_2_TCP", "tcp://b:2"},
                                            {"A_PORT_1_TCP", "tcp://a:1?listen=unix:///x"},
                                            {"EMPTY", ""}}));
  });
}

TEST(Input, LeavesOutEntriesThatAreNoVariable) {
  with_environment({"NOTHING", "A=1"}, [] { EXPECT_EQ(read_words().environment, (Variables{{"A", "1"}})); });
}

TEST(Input, TakesValuesAsTheyAre) {
  with_environment({"A=$(reboot) `id` \n\x1b[2J\xff"}, [] {
    EXPECT_EQ(read_words().environment, (Variables{{"A", "$(reboot) `id` \n\x1b[2J\xff"}}));
  });
}

TEST(Input, WorksWithoutAnyEnvironment) {
  with_environment({}, [] { EXPECT_TRUE(read_words().environment.empty()); });
}

TEST(Input, HoldsTheHostsFileAndWhoWeAre) {
  const WiringInput input = read_words();
  std::ostringstream hosts;
  hosts << std::ifstream("/etc/hosts").rdbuf();
  EXPECT_EQ(input.hosts_path, "/etc/hosts");
  EXPECT_EQ(input.hosts_text, hosts.str());
  std::array<char, 256> name{};
  ASSERT_EQ(::gethostname(name.data(), name.size()), 0);
  EXPECT_EQ(input.hostname, name.data());
  EXPECT_NE(std::ranges::count(input.own_addresses, *SocketAddress::from_ip("127.0.0.1", 0)), 0);
}

using From = ConfigText::From;

class ConfigInput : public testing::Test {
 protected:
  ConfigInput() {
    std::string name = testing::TempDir() + "links.XXXXXX";
    const UniqueFd file(::mkstemp(name.data()));
    path_ = name;
  }
  ~ConfigInput() override { ::unlink(path_.c_str()); }

  void write(const std::string& text) const { std::ofstream(path_) << text; }

  std::string path_;
};

TEST_F(ConfigInput, IsTheFileThatTheCommandLineNames) {
  write("[links.a]\n");
  with_environment({"AMBASSADOR_CONFIG=/nonexistent/other.toml"}, [this] {
    const auto config = read_input({.words = {}, .config = path_}, kNowhere).config;
    ASSERT_TRUE(config);
    EXPECT_EQ(config->from, From::option);
    EXPECT_EQ(config->path, path_);
    EXPECT_EQ(config->text, "[links.a]\n");
    EXPECT_EQ(config->error, "");
  });
}

TEST_F(ConfigInput, IsElseTheFileOfTheVariable) {
  write("x");
  with_environment({"AMBASSADOR_CONFIG=" + path_}, [this] {
    const auto config = read_words().config;
    ASSERT_TRUE(config);
    EXPECT_EQ(config->from, From::variable);
    EXPECT_EQ(config->path, path_);
    EXPECT_EQ(config->text, "x");
  });
}

TEST_F(ConfigInput, IsElseTheStandardFileIfItIsThere) {
  write("x");
  with_environment({"AMBASSADOR_CONFIG= "}, [this] {
    const auto config = read_input({.words = {}, .config = {}}, path_.c_str()).config;
    ASSERT_TRUE(config);
    EXPECT_EQ(config->from, From::standard_place);
    EXPECT_EQ(config->text, "x");
    EXPECT_FALSE(read_words().config) << "no file, no word about it";
  });
}

TEST_F(ConfigInput, ThatCannotBeReadSaysWhy) {
  const auto missing = read_input({.words = {}, .config = "/nonexistent/x"}, kNowhere).config;
  EXPECT_EQ(missing->error, "No such file or directory");
  EXPECT_EQ(missing->text, "");
  EXPECT_EQ(read_input({.words = {}, .config = "/"}, kNowhere).config->error, "Is a directory");
}

TEST_F(ConfigInput, IsReadWholeUpToWhatIsKnownForTooMuch) {
  const std::string megabyte(kMostConfigBytes, '\n');
  write(megabyte);
  EXPECT_EQ(read_input({.words = {}, .config = path_}, kNowhere).config->text, megabyte);
  write(megabyte + "\n");
  const auto config = read_input({.words = {}, .config = path_}, kNowhere).config;
  EXPECT_EQ(config->error, "it is larger than 1 MiB");
  EXPECT_EQ(config->text, "");
}

TEST_F(ConfigInput, ThatIsNoFileIsNotOpened) {
  ASSERT_EQ(::mkfifo((path_ + ".fifo").c_str(), 0600), 0);
  for (const std::string& path : {path_ + ".fifo", std::string("/dev/zero"), std::string("/dev/ptmx")})
    EXPECT_EQ(read_input({.words = {}, .config = path}, kNowhere).config->error, "it is not a regular file");
  ::unlink((path_ + ".fifo").c_str());
}

}  // namespace
}  // namespace amb
