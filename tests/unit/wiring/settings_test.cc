// SPDX-License-Identifier: Apache-2.0
#include "wiring/settings.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

Settings read(const Variables& variables) {
  Problems problems;
  const Settings settings = read_settings(variables, problems);
  for (const auto& problem : problems) ADD_FAILURE() << problem.origin.name << ": " << problem.what;
  return settings;
}

Problems problems_of(const Variables& variables) {
  Problems problems;
  read_settings(variables, problems);
  return problems;
}

TEST(Settings, AreReadWithoutBlanksAndLineEnds) {
  const Settings settings = read({{"AMBASSADOR_ADMIN_TOKEN", "0123456789abcdef\n"},
                                  {"AMBASSADOR_ADMIN", " 127.0.0.1:9900\r\n"},
                                  {"AMBASSADOR_WORKERS", "2\n"}});
  EXPECT_EQ(settings.admin_token, "0123456789abcdef");
  EXPECT_EQ(settings.admin->to_string(), "127.0.0.1:9900");
  EXPECT_EQ(settings.workers, 2U);
}

TEST(Settings, TellAHundredMistakesAndCountTheOthers) {
  Variables variables;
  for (int i = 0; i < 150; ++i) variables.emplace_back("AMBASSADOR_X" + std::to_string(i), "1");
  EXPECT_EQ(problems_of(variables).size(), kMostTold);
  EXPECT_EQ(problems_of(variables).total(), 150U);
}

TEST(Settings, AreTheDefaultsWhenNothingIsSet) {
  for (const auto& settings :
       {read({}), read({{"AMBASSADOR_WORKERS", ""}, {"AMBASSADOR_DRAIN", " "}, {"PATH", "/bin"}})}) {
    EXPECT_FALSE(settings.workers || settings.log_format || settings.max_sessions);
    EXPECT_EQ(settings.drain, std::chrono::seconds(9));
    EXPECT_EQ(settings.log_level, LogLevel::info);
    EXPECT_TRUE(settings.has_glimpses);
  }
}

TEST(Settings, AreRead) {
  const Settings settings = read({{"AMBASSADOR_WORKERS", "256"},
                                  {"AMBASSADOR_DRAIN", "500ms"},
                                  {"AMBASSADOR_LOG", "json"},
                                  {"AMBASSADOR_LOG_LEVEL", "warning"},
                                  {"AMBASSADOR_MAX_SESSIONS", "1"},
                                  {"AMBASSADOR_CONFIG", "/etc/links.toml"},
                                  {"AMBASSADOR_LINKS", "a"},
                                  {"AMBASSADOR_PORTS", "1"},
                                  {"AMBASSADOR_LINGER", "3s"},
                                  {"AMBASSADOR_GLIMPSES", "off"},
                                  {"AMBASSADOR_CONTROL", "/srv/control.sock"},
                                  {"AMBASSADOR_ADMIN", "[::1]:9900"},
                                  {"AMBASSADOR_ADMIN_TOKEN", "0123456789abcdef"},
                                  {"AMBASSADOR_ADMIN_HOSTS", "a.example, b.example:80"}});
  EXPECT_EQ(settings.workers, 256U);
  EXPECT_EQ(settings.drain, std::chrono::milliseconds(500));
  EXPECT_EQ(settings.log_format, LogFormat::json);
  EXPECT_EQ(settings.log_level, LogLevel::warning);
  EXPECT_EQ(settings.max_sessions, 1U);
  EXPECT_EQ(settings.linger, std::chrono::seconds(3));
  EXPECT_FALSE(settings.has_glimpses);
  EXPECT_EQ(settings.control, "/srv/control.sock");
  ASSERT_TRUE(settings.admin);
  EXPECT_EQ(settings.admin->to_string(), "[::1]:9900");
  EXPECT_EQ(settings.admin_token, "0123456789abcdef");
  EXPECT_EQ(settings.admin_hosts, (std::vector<std::string>{"a.example", "b.example:80"}));
}

TEST(Settings, TurnTheControlSocketOff) { EXPECT_EQ(read({{"AMBASSADOR_CONTROL", "none"}}).control, "none"); }

TEST(Settings, TakeTheTokenFromAFileInstead) {
  const Settings settings =
      read({{"AMBASSADOR_ADMIN", "127.0.0.1:9900"}, {"AMBASSADOR_ADMIN_TOKEN_FILE", "/run/secrets/token"}});
  EXPECT_EQ(settings.admin_token_file, "/run/secrets/token");
  EXPECT_EQ(settings.admin_token, "");
}

TEST(Settings, OpenNoPortWithoutAToken) {
  const auto problems = problems_of({{"AMBASSADOR_ADMIN", "127.0.0.1:9900"}});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].origin.name, "AMBASSADOR_ADMIN");
  EXPECT_NE(problems[0].accepted.find("AMBASSADOR_ADMIN_TOKEN_FILE"), std::string::npos);
}

TEST(Settings, TakeOneTokenAndNotTwo) {
  const auto problems = problems_of({{"AMBASSADOR_ADMIN", "127.0.0.1:9900"},
                                     {"AMBASSADOR_ADMIN_TOKEN", "0123456789abcdef"},
                                     {"AMBASSADOR_ADMIN_TOKEN_FILE", "/f"}});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].origin.name, "AMBASSADOR_ADMIN_TOKEN_FILE");
}

TEST(Settings, NeverShowATokenNotEvenOneThatIsWrongOrMisspelt) {
  constexpr auto kSecret = "s3cret";
  for (const char* name :
       {"AMBASSADOR_ADMIN_TOKEN", "AMBASSADOR_ADMIN_TOKN", "AMBASSADOR_TOKEN", "AMBASSADOR_ADMINTOKEN",
        "AMBASSADOR_ADMIN_TOEKN", "AMBASSADOR_ADMIN_SECRET", "AMBASSADOR_PASSWORD"}) {
    const auto problems = problems_of({{name, kSecret}});
    ASSERT_EQ(problems.size(), 1U) << name;
    for (const std::string& text : {problems[0].value, problems[0].what, problems[0].accepted})
      EXPECT_EQ(text.find(kSecret), std::string::npos) << name << ": " << text;
  }
}

TEST(Settings, EveryLevelAndFormatIsKnown) {
  EXPECT_EQ(read({{"AMBASSADOR_LOG_LEVEL", "debug"}}).log_level, LogLevel::debug);
  EXPECT_EQ(read({{"AMBASSADOR_LOG_LEVEL", "error"}}).log_level, LogLevel::error);
  EXPECT_EQ(read({{"AMBASSADOR_LOG", "text"}}).log_format, LogFormat::text);
  EXPECT_EQ(read({{"AMBASSADOR_DRAIN", "0"}}).drain, std::chrono::seconds(0)) << "cut at once";
}

TEST(Settings, ThatAreWrongAreProblemsAllTogether) {
  const Variables wrong = {
      {"AMBASSADOR_WORKERS", "0"},        {"AMBASSADOR_WORKERS", "257"},
      {"AMBASSADOR_WORKERS", "two"},      {"AMBASSADOR_DRAIN", "soon"},
      {"AMBASSADOR_LOG", "xml"},          {"AMBASSADOR_LOG_LEVEL", "INFO"},
      {"AMBASSADOR_MAX_SESSIONS", "0"},   {"AMBASSADOR_MAX_SESSIONS", "-1"},
      {"AMBASSADOR_LINGER", "-1s"},       {"AMBASSADOR_CONTROL", "relative.sock"},
      {"AMBASSADOR_CONTROL", "/a/"},      {"AMBASSADOR_CONTROL", "/" + std::string(107, 'x')},
      {"AMBASSADOR_ADMIN", "9900"},       {"AMBASSADOR_ADMIN", "localhost:9900"},
      {"AMBASSADOR_ADMIN", "127.0.0.1"},  {"AMBASSADOR_ADMIN", "127.0.0.1:0"},
      {"AMBASSADOR_ADMIN_HOSTS", "a b"},  {"AMBASSADOR_ADMIN_HOSTS", "a,,b"},
      {"AMBASSADOR_TRACES", "collector"}, {"AMBASSADOR_TRACES_SAMPLE", "some"},
      {"AMBASSADOR_GLIMPSES", "no"},      {"AMBASSADOR_GLIMPSES", "OFF"}};
  const auto problems = problems_of(wrong);
  ASSERT_EQ(problems.size(), wrong.size());
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    EXPECT_EQ(problems[i].origin.name, wrong[i].first);
    EXPECT_EQ(problems[i].value, wrong[i].second);
    EXPECT_NE(problems[i].accepted, "");
  }
}

TEST(Settings, ThatNobodyKnowsNameTheNearest) {
  const std::pair<const char*, const char*> kRows[] = {{"AMBASSADOR_WORKER", "AMBASSADOR_WORKERS"},
                                                       {"AMBASSADOR_LOGLEVEL", "AMBASSADOR_LOG_LEVEL"},
                                                       {"AMBASSADOR_PORT", "AMBASSADOR_PORTS"},
                                                       {"AMBASSADOR_LINK", "AMBASSADOR_LINKS"},
                                                       {"AMBASSADOR_CONF", "AMBASSADOR_CONFIG"}};
  for (const auto& [name, nearest] : kRows) {
    const auto problems = problems_of({{name, "5432"}});
    ASSERT_EQ(problems.size(), 1U) << name;
    EXPECT_NE(problems[0].what.find(std::string("did you mean ") + nearest + "?"), std::string::npos)
        << problems[0].what;
  }
}

TEST(Settings, ALinkedAmbassadorsVariablesAreNoSettings) {
  EXPECT_TRUE(problems_of({{"AMBASSADOR_NAME", "/me/ambassador"},
                           {"AMBASSADOR_PORT", "tcp://172.17.0.2:6379"},
                           {"AMBASSADOR_PORT_6379_TCP", "tcp://172.17.0.2:6379"},
                           {"AMBASSADOR_PORT_6379_TCP_ADDR", "172.17.0.2"},
                           {"AMBASSADOR_PORT_6379_TCP_PORT", "6379"},
                           {"AMBASSADOR_PORT_6379_TCP_PROTO", "tcp"},
                           {"AMBASSADOR_PORT_6379_TCP_PORT_START", "6379"},
                           {"AMBASSADOR_ENV_AMBASSADOR_WORKERS", "many"},
                           {"AMBASSADOR_ENV_ANYTHING", "x"},
                           {"AMBASSADOR_REDIS_NAME", "/me/ambassador-redis"},
                           {"AMBASSADOR_REDIS_PORT_6379_TCP", "tcp://172.17.0.2:6379"},
                           {"AMBASSADOR_SERVICE_HOST", "10.0.0.1"},
                           {"AMBASSADOR_SERVICE_PORT", "80"},
                           {"AMBASSADOR_ADMIN_SERVICE_PORT_AMBASSADOR_ADMIN", "8877"}})
                  .empty());
}

TEST(Settings, ANameThatIsNoPathIsNoLinkedAmbassadors) {
  EXPECT_EQ(problems_of({{"AMBASSADOR_NAME", "mine"}}).size(), 1U);
}

}  // namespace
}  // namespace amb
