// SPDX-License-Identifier: Apache-2.0
#include "app/cli_commands.h"

#include <gtest/gtest.h>

#include "app/cli.h"
#include "app/table.h"
#include "base/text.h"
#include "unit/app/command_words.h"

namespace amb {
namespace {

using Command = CommandLine::Command;
using test::parse;
using test::Words;

CommandLine line_of(const Words& words) {
  auto parsed = parse(words);
  if (const auto* end = std::get_if<ExitNow>(&parsed)) ADD_FAILURE() << end->to_stderr;
  return std::holds_alternative<CommandLine>(parsed) ? std::get<CommandLine>(parsed) : CommandLine{};
}

std::string mistake(const Words& words) {
  const auto parsed = parse(words);
  if (!std::holds_alternative<ExitNow>(parsed)) return "(none)";
  EXPECT_EQ(std::get<ExitNow>(parsed).code, 64);
  return std::get<ExitNow>(parsed).to_stderr;
}

TEST(ClientCommands, AreKnown) {
  const std::pair<Words, Command> kRows[] = {
      {{"status"}, Command::status},           {{"rewire", "redis", "tcp://a:1"}, Command::rewire},
      {{"reload"}, Command::reload},           {{"drain"}, Command::drain},
      {{"resume"}, Command::resume},           {{"wait"}, Command::wait},
      {{"healthcheck"}, Command::healthcheck}, {{"sessions"}, Command::sessions},
      {{"why", "redis"}, Command::why},        {{"events"}, Command::events}};
  for (const auto& [words, command] : kRows) {
    EXPECT_EQ(line_of(words).command, command) << words.front();
    Words elsewhere = words;
    elsewhere.insert(elsewhere.end(), {"--control", "/x.sock"});
    EXPECT_EQ(line_of(elsewhere).control, "/x.sock") << words.front();
  }
}

TEST(ClientCommands, TakeALink) {
  for (const char* command : {"drain", "resume", "wait", "sessions", "why"})
    EXPECT_EQ(line_of({command, "[db]:5432"}).link, "[db]:5432") << command;
  for (const char* command : {"drain", "resume", "wait", "sessions"})
    EXPECT_EQ(line_of({command}).link, "") << command;
}

TEST(RewireCommand, TakesWhereAndHow) {
  const CommandLine line = line_of(
      {"rewire", "redis", "tcp://a:1,tcp://b:2", "tcp://[::1]:3", "--existing", "drain=30s", "--dry-run"});
  EXPECT_EQ(line.link, "redis");
  EXPECT_EQ(line.words, (Words{"tcp://a:1,tcp://b:2", "tcp://[::1]:3"}));
  EXPECT_EQ(line.existing, "drain=30s");
  EXPECT_TRUE(line.dry_run);
  EXPECT_FALSE(line.back);
  EXPECT_TRUE(line_of({"rewire", "redis", "--back"}).back);
}

TEST(RewireCommand, TakesHowTheTargetsAreChecked) {
  using std::chrono::milliseconds;
  const CommandLine line = line_of({"rewire", "redis", "a", "--wait", "30s", "--check-timeout", "500ms"});
  EXPECT_EQ(line.patience, milliseconds(30000));
  EXPECT_EQ(line.check_timeout, milliseconds(500));
  EXPECT_FALSE(line.force);
  EXPECT_TRUE(line_of({"rewire", "redis", "a", "--force"}).force);
  EXPECT_EQ(line_of({"rewire", "redis", "a"}).check_timeout, milliseconds(3000));
  for (const char* other : {"--force", "--dry-run"})
    EXPECT_NE(mistake({"rewire", "redis", "a", "--wait", "30s", other}).find("wait for none"),
              std::string::npos);
  EXPECT_NE(mistake({"rewire", "redis", "a", "--check-timeout", "2m"}).find("at most 1m"), std::string::npos);
  EXPECT_NE(mistake({"rewire", "redis", "a", "--check-timeout", "0"}), "(none)");
  EXPECT_NE(mistake({"rewire", "redis", "a", "--wait", "soon"}), "(none)");
}

TEST(RewireCommand, IsRefusedWhenItSaysNothingOrTooMuch) {
  EXPECT_NE(mistake({"rewire", "redis"}).find("say where the link should lead"), std::string::npos);
  EXPECT_NE(mistake({"rewire", "redis", "tcp://a:1", "--back"}).find("it takes no URL"), std::string::npos);
  EXPECT_NE(mistake({"rewire", "redis", "a", "--existing", "kep"}).find("did you mean keep?"),
            std::string::npos);
  EXPECT_NE(mistake({"rewire"}), "(none)");
}

TEST(OtherCommands, TakeWhatIsTheirs) {
  EXPECT_TRUE(line_of({"status", "--watch"}).watch);
  EXPECT_TRUE(line_of({"status", "--json"}).json);
  EXPECT_TRUE(line_of({"sessions", "--json"}).json);
  EXPECT_TRUE(line_of({"why", "redis", "--json"}).json);
  EXPECT_TRUE(line_of({"events", "--json"}).json);
  EXPECT_EQ(line_of({"sessions", "--close", "0-1045"}).close, "0-1045");
  EXPECT_EQ(line_of({"wait", "--timeout", "500ms"}).timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(line_of({"wait", "--timeout", "2"}).timeout, std::chrono::seconds(2));
  EXPECT_EQ(line_of({"wait"}).timeout, std::chrono::seconds(30));
}

TEST(OtherCommands, AreRefusedWhereTheyMakeNoSense) {
  for (const Words& words :
       {Words{"status", "--watch", "--json"}, Words{"status", "redis"}, Words{"wait", "--timeout", "soon"},
        Words{"why"}, Words{"drain", "a", "b"}, Words{"reload", "--json"}, Words{"events", "redis"},
        Words{"status", "--control", ""}, Words{"healthcheck", "redis"}, Words{"run", "--control", "/x"}})
    EXPECT_NE(mistake(words), "(none)") << words.front();
}

TEST(UnknownWord, IsMetWithTheNearestCommand) {
  EXPECT_NE(mistake({"statsu"}).find("there is no command 'statsu'; did you mean status?"),
            std::string::npos);
  EXPECT_NE(mistake({"sesions", "redis"}).find("did you mean sessions?"), std::string::npos);
  EXPECT_EQ(mistake({"stat\x1b[2Jus"}).find('\x1b'), std::string::npos);
}

TEST(UnknownWord, IsLeftAloneWhereItCanBeWiring) {
  EXPECT_EQ(meant_command({"statsu", "6379"}), std::nullopt) << "a host and its port";
  EXPECT_EQ(meant_command({"DRAIM_PORT_1_TCP=tcp://a:1"}), std::nullopt);
  EXPECT_EQ(meant_command({"redis.example"}), std::nullopt);
  EXPECT_EQ(meant_command({}), std::nullopt);
  EXPECT_EQ(line_of({"run", "statsu", "6379"}).words, (Words{"statsu", "6379"}));
}

TEST(CommandHelp, TeachesWithAnExampleAndFitsATerminal) {
  for (const char* command : {"check", "status", "rewire", "reload", "drain", "resume", "wait", "healthcheck",
                              "sessions", "why", "events"}) {
    const auto end = std::get<ExitNow>(parse({command, "--help"}));
    EXPECT_EQ(end.code, 0) << command;
    EXPECT_NE(end.to_stdout.find(
                  std::string(command == std::string("healthcheck") ? "\"healthcheck\"" : "ambassador ") +
                  (command == std::string("healthcheck") ? "" : command)),
              std::string::npos)
        << end.to_stdout;
    for (const auto text : split(end.to_stdout, '\n')) EXPECT_LE(width_of(text), 80U) << text;
  }
}

TEST(Marks, KeepBracketsFromBeingLists) {
  EXPECT_EQ(unmarked(marked("[::1]")), "[::1]");
  EXPECT_EQ(marked("a"), "a");
}

}  // namespace
}  // namespace amb
