// SPDX-License-Identifier: Apache-2.0
#include "app/cli.h"

#include <gtest/gtest.h>

#include "app/version.h"
#include "unit/app/command_words.h"

namespace amb {
namespace {

using Command = CommandLine::Command;
using test::parse;
using test::Words;

struct Line {
  Words words;
  Command command;
  Words wiring;
  bool json;
  const char* because;
};

void PrintTo(const Line& line, std::ostream* out) { *out << line.because; }

class CommandLineOf : public testing::TestWithParam<Line> {};

TEST_P(CommandLineOf, IsACommandAndTheWordsLeftForIt) {
  const auto& [words, command, wiring, json, because] = GetParam();
  const auto parsed = parse(words);
  ASSERT_TRUE(std::holds_alternative<CommandLine>(parsed)) << std::get<ExitNow>(parsed).to_stderr;
  const auto& line = std::get<CommandLine>(parsed);
  EXPECT_EQ(line.command, command) << because;
  EXPECT_EQ(line.words, wiring) << because;
  EXPECT_EQ(line.json, json) << because;
}

INSTANTIATE_TEST_SUITE_P(
    Commands, CommandLineOf,
    testing::Values(
        Line{{}, Command::run, {}, false, "nothing at all: the variables decide"},
        Line{{"redis", "6379"}, Command::run, {"redis", "6379"}, false, "the arguments of the dokku image"},
        Line{{"run", "redis", "6379"}, Command::run, {"redis", "6379"}, false, "the same, said in full"},
        Line{{"run"}, Command::run, {}, false, "run without words"},
        Line{{"A_PORT_1_TCP=tcp://a:1", "B_PORT_2_TCP=tcp://b:2"},
             Command::run,
             {"A_PORT_1_TCP=tcp://a:1", "B_PORT_2_TCP=tcp://b:2"},
             false,
             "any number of words"},
        Line{{"check"}, Command::check, {}, false, "check the environment"},
        Line{{"check", "--json"}, Command::check, {}, true, "for a program"},
        Line{{"check", "--json", "redis", "6379"}, Command::check, {"redis", "6379"}, true, "check words"},
        Line{{"check", "redis", "6379", "--json"}, Command::check, {"redis", "6379"}, true, "in any order"},
        Line{{"version"}, Command::version, {}, false, "which program is this?"},
        Line{{"version", "--json"}, Command::version, {}, true, "for a program"}));

INSTANTIATE_TEST_SUITE_P(
    WordsAreKeptAsTheyAre, CommandLineOf,
    testing::Values(
        Line{{"[::1]", "6379"}, Command::run, {"[::1]", "6379"}, false, "brackets are an address's, no list"},
        Line{{"[a,b]"}, Command::run, {"[a,b]"}, false, "nor is this one"},
        Line{{"[]"}, Command::run, {"[]"}, false, "nor an empty one"},
        Line{{"run", "[fd00::1]", "80"}, Command::run, {"[fd00::1]", "80"}, false, "after a command too"},
        Line{{""}, Command::run, {""}, false, "an empty word is a mistake that must be told"},
        Line{{"{}"}, Command::run, {"{}"}, false, "braces stand for nothing"},
        Line{{"check", ""}, Command::check, {""}, false, "an empty word after a command"},
        Line{{"a,b", "80"}, Command::run, {"a,b", "80"}, false, "a comma separates nothing here"},
        Line{{"\"quoted\"", "'quoted'"},
             Command::run,
             {"\"quoted\"", "'quoted'"},
             false,
             "quotes are the shell's"},
        Line{{"$(reboot)", "`id`"}, Command::run, {"$(reboot)", "`id`"}, false, "no shell reads this"},
        Line{{"A_PORT_1_TCP=tcp://a:1?listen=unix:///x"},
             Command::run,
             {"A_PORT_1_TCP=tcp://a:1?listen=unix:///x"},
             false,
             "a value with equals signs"}));

TEST(CommandLineConfig, IsAFileBeforeOrBehindTheCommand) {
  for (const Words& words :
       {Words{"--config", "links.toml"}, Words{"--config=links.toml"}, Words{"run", "--config", "links.toml"},
        Words{"--config", "links.toml", "check"}, Words{"check", "--config", "links.toml"},
        Words{"redis", "6379", "--config", "links.toml"},
        Words{"--config", "links.toml", "check", "redis", "6379"}}) {
    const auto parsed = parse(words);
    ASSERT_TRUE(std::holds_alternative<CommandLine>(parsed)) << std::get<ExitNow>(parsed).to_stderr;
    EXPECT_EQ(std::get<CommandLine>(parsed).config, "links.toml") << words.front();
    EXPECT_TRUE(std::get<CommandLine>(parsed).words.size() % 2 == 0) << "the path is no word";
  }
  EXPECT_FALSE(std::get<CommandLine>(parse({"check"})).config);
}

TEST(CommandLineConfig, IsAPathAsItStands) {
  for (const char* path : {"[links].toml", "a,b", "a b", "~/links.toml", "-"})
    EXPECT_EQ(std::get<CommandLine>(parse({"--config", path})).config, path);
}

TEST(CommandLineAll, IsForCheck) {
  EXPECT_TRUE(std::get<CommandLine>(parse({"check", "--all"})).all);
  EXPECT_FALSE(std::get<CommandLine>(parse({"check"})).all);
}

TEST(CommandLineHelp, ShowsThePatternOnStandardOutputAndIsFine) {
  const auto parsed = parse({"--help"});
  ASSERT_TRUE(std::holds_alternative<ExitNow>(parsed));
  const auto& end = std::get<ExitNow>(parsed);
  EXPECT_EQ(end.code, 0);
  EXPECT_TRUE(end.to_stderr.empty());
  for (const char* text : {"(consumer) --> (ambassador) --> (redis)", "AMBASSADOR_DRAIN", "check", "version",
                           "Exit codes", "--config", "[links.redis]", "unavailable=refuse"}) {
    EXPECT_NE(end.to_stdout.find(text), std::string::npos) << text;
  }
}

TEST(CommandLineHelp, FitsATerminal) {
  const auto end = std::get<ExitNow>(parse({"--help"}));
  std::size_t start = 0;
  for (std::size_t stop; (stop = end.to_stdout.find('\n', start)) != std::string::npos; start = stop + 1) {
    EXPECT_LE(stop - start, 80U) << end.to_stdout.substr(start, stop - start);
  }
}

TEST(CommandLineVersion, IsOneLine) {
  const auto end = std::get<ExitNow>(parse({"--version"}));
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.to_stdout, std::string("ambassador ") + kVersion + "\n");
}

class WrongCommandLine : public testing::TestWithParam<Words> {};

TEST_P(WrongCommandLine, EndsWith64AndSaysWhyOnStandardError) {
  const auto parsed = parse(GetParam());
  ASSERT_TRUE(std::holds_alternative<ExitNow>(parsed));
  const auto& end = std::get<ExitNow>(parsed);
  EXPECT_EQ(end.code, 64);
  EXPECT_TRUE(end.to_stdout.empty());
  EXPECT_FALSE(end.to_stderr.empty());
  for (const char c : end.to_stderr)
    EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << end.to_stderr;
}

INSTANTIATE_TEST_SUITE_P(Lines, WrongCommandLine,
                         testing::Values(Words{"--no-such-option"}, Words{"run", "--json"}, Words{"-x"},
                                         Words{"version", "extra"}, Words{"--json"}, Words{"--\x1b[2J"},
                                         Words{"check", "--\x1b]0;title\x07"}, Words{"--config"},
                                         Words{"--config", ""}, Words{"--config", "a", "--config", "b"},
                                         Words{"run", "--all"},
                                         Words{"--config", "a", "check", "--config", "b"},
                                         Words{"version", "--config", "a"}));

}  // namespace
}  // namespace amb
