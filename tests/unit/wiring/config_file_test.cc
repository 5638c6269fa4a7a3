// SPDX-License-Identifier: Apache-2.0
#include "wiring/config_file.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"

namespace amb {
namespace {

using Texts = std::vector<std::string>;

Findings find_in(const std::string& text) { return test::find_in_file(text); }

/// The body of a table [links.a] whose listener is given.
Findings find_in_link(const std::string& lines) { return find_in("[links.a]\nlisten = 80\n" + lines); }

struct Good {
  const char* because;
  std::string text;
  Texts links;
};

void PrintTo(const Good& row, std::ostream* out) { *out << row.because; }

class ConfigFile : public testing::TestWithParam<Good> {};

TEST_P(ConfigFile, GivesLinks) {
  const Findings findings = find_in(GetParam().text);
  EXPECT_EQ(test::problems_of(findings), Texts{}) << GetParam().because;
  EXPECT_EQ(test::links_of(findings), GetParam().links) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ConfigFile,
    testing::Values(
        Good{"the plain form",
             "[links.a]\nlisten = 'tcp://0.0.0.0:80'\nupstream = 'tcp://h:81'\n",
             {"0.0.0.0:80 > tcp://h:81"}},
        Good{"a port alone is loopback's",
             "[links.a]\nlisten = 80\nupstream = 'h:81'\n",
             {"127.0.0.1:80 > tcp://h:81"}},
        Good{"no scheme", "[links.a]\nlisten = '[::1]:80'\nupstream = 'h:81'\n", {"[::1]:80 > tcp://h:81"}},
        Good{"a target without port has the listener's",
             "[links.a]\nlisten = [\"unix:///x\", 80]\nupstream = 'h'\n",
             {"unix:/x,127.0.0.1:80 > tcp://h:80"}},
        Good{"arrays",
             "[links.a]\nlisten = [80, 81, 80]\nupstream = ['h:1', 'i:2', 'tcp://h:1/']\n",
             {"127.0.0.1:80,127.0.0.1:81 > tcp://h:1,tcp://i:2"}},
        Good{"a list in a string, as in a variable",
             "[links.a]\nlisten = 80\nupstream = 'h:1,i:2'\n",
             {"127.0.0.1:80 > tcp://h:1,tcp://i:2"}},
        Good{"a service",
             "[links.a]\nlisten = 80\nupstream = 'srv://_redis._tcp.example'\n",
             {"127.0.0.1:80 > srv://_redis._tcp.example"}},
        Good{"who may connect to a UNIX path",
             "[links.a]\nlisten = 'unix:///a'\nupstream = 'h:1'\nmode = '0660'\nowner = 'me'\ngroup = 1000\n",
             {"unix:/a > tcp://h:1"}},
        Good{"an abstract name",
             "[links.a]\nlisten = 'unix:@a'\nupstream = 'unix:@b'\n",
             {"unix:@a > unix:@b"}},
        Good{"UNIX to UNIX",
             "[links.a]\nlisten = 'unix:///a'\nupstream = 'unix:///b'\n",
             {"unix:/a > unix:///b"}},
        Good{"a listener more behind the target",
             "[links.a]\nlisten = 80\nupstream = 'h?listen=127.0.0.2'\n",
             {"127.0.0.1:80,127.0.0.2:80 > tcp://h:80"}},
        Good{"several links, in the file's order",
             "[links.z]\nlisten = 80\nupstream = 'z'\n[links.a]\nlisten = 81\nupstream = 'a'\n",
             {"127.0.0.1:80 > tcp://z:80", "127.0.0.1:81 > tcp://a:81"}},
        Good{"inline tables", "links = {a = {listen = 80, upstream = 'h'}}\n", {"127.0.0.1:80 > tcp://h:80"}},
        Good{"dotted keys", "[links]\na.listen = 80\na.upstream = 'h'\n", {"127.0.0.1:80 > tcp://h:80"}},
        Good{"Windows line ends",
             "[links.a]\r\nlisten = 80\r\nupstream = 'h'\r\n",
             {"127.0.0.1:80 > tcp://h:80"}}));

TEST(ConfigFileLink, HasItsNameInLowerCaseAndComesFromItsLine) {
  const Findings findings = find_in("\n  [links.\"My.Redis_1\"]\nlisten = 80\nupstream = 'h'\n");
  const Link& link = findings.links.at(0);
  EXPECT_EQ(link.name, "my.redis_1");
  EXPECT_EQ(to_string(link.origins.at(0)), "links.toml:2:10");
  EXPECT_EQ(findings.candidates.at(0).value, "h");
  EXPECT_EQ(test::fate_of(findings, "links.toml:2:10"), "link");
}

TEST(ConfigFileOptions, AreStringsOrNumbersAndRememberTheirPlaces) {
  const Findings findings = find_in_link(R"(upstream = "h?policy=random"
connect_timeout = 2
dead_peer = "90s"
health = "send-expect"
health_send = "PING\r\n"
health_expect = "+PONG"
health_jitter = 5
health_rise = 4
unavailable = "hold=5s"
)");
  EXPECT_EQ(test::problems_of(findings), Texts{});
  const Link& link = findings.links.at(0);
  EXPECT_EQ(link.options.connect_timeout, std::chrono::seconds(2));
  EXPECT_EQ(link.options.dead_peer, std::chrono::seconds(90));
  EXPECT_EQ(link.options.health.send, "PING\r\n");
  EXPECT_EQ(link.options.health.jitter_percent, 5);
  EXPECT_EQ(link.options.policy, Policy::random);
  std::string given;
  for (const auto& [name, origin] : link.given) given += name + "@" + origin.name.substr(11) + " ";
  EXPECT_EQ(given,
            "listen@2:10 policy@3:12 connect_timeout@4:19 health@6:10 health_rise@10:15 health_jitter@9:17 "
            "health_send@7:15 health_expect@8:17 unavailable@11:15 dead_peer@5:13 ");
}

struct Bad {
  const char* because;
  std::string text;
  Texts problems;  ///< "line:column: what" each.
};

void PrintTo(const Bad& row, std::ostream* out) { *out << row.because; }

class WrongConfigFile : public testing::TestWithParam<Bad> {};

TEST_P(WrongConfigFile, IsToldWithLineAndColumnAllAtOnce) {
  const Bad& row = GetParam();
  Texts expected;
  for (const auto& problem : row.problems) expected.push_back("links.toml:" + problem);
  const Findings findings = find_in(row.text);
  EXPECT_EQ(test::problems_of(findings), expected) << row.because;
  for (const auto& problem : findings.problems) EXPECT_NE(problem.accepted, "") << problem.what;
  EXPECT_EQ(test::links_of(findings), Texts{});
}

INSTANTIATE_TEST_SUITE_P(
    Structure, WrongConfigFile,
    testing::Values(
        Bad{"no TOML",
            "[links.a]\nlisten = \n",
            {"2:10: this is no TOML: Error while parsing key-value pair: "
             "expected value, saw '\\n'"}},
        Bad{"another word for links",
            "[link.a]\nlisten = 80\n",
            {"1:2: 'link' is not known; did you mean links?"}},
        Bad{"a key beside the links",
            "workers = 4\n[links.a]\nlisten = 80\nupstream = 'h'\n",
            {"1:1: 'workers' is not known"}},
        Bad{"links that are a list", "[[links]]\nlisten = 80\n", {"1:3: links is an array"}},
        Bad{"links that are a string", "links = 'h'\n", {"1:1: links is a string"}},
        Bad{"a link that is a string", "[links]\na = 'tcp://h:80'\n", {"2:1: link 'a' is a string"}},
        Bad{"a link that is a list", "[[links.a]]\nlisten = 80\n", {"1:9: link 'a' is an array"}},
        Bad{"a name that is none",
            "[links.\"a b\"]\nlisten = 80\nupstream = 'h'\n",
            {"1:8: 'a b' cannot be the name of a link"}},
        Bad{"an empty name",
            "[links.\"\"]\nlisten = 80\nupstream = 'h'\n",
            {"1:8: '' cannot be the name of a link"}},
        Bad{"a name of 65 letters",
            "[links." + std::string(65, 'a') + "]\nlisten = 80\nupstream = 'h'\n",
            {"1:8: '" + std::string(65, 'a') + "' cannot be the name of a link"}},
        Bad{"an empty link", "[links.a]\n", {"1:8: link 'a' has no listen", "1:8: link 'a' has no upstream"}},
        Bad{"a table inside a link",
            "[links.a]\nlisten = 80\nupstream = 'h'\n[links.a.health]\nkind = 'tcp'\n",
            {"4:1: option health is a table"}},
        Bad{"two links at one place",
            "[links.a]\nlisten = 80\nupstream = 'h'\n[links.b]\nlisten = 80\nupstream = 'i'\n",
            {"4:8: 127.0.0.1:80 would lead to tcp://i:80, but links.toml:1:8 leads it to tcp://h:80"}}));

INSTANTIATE_TEST_SUITE_P(
    Values, WrongConfigFile,
    testing::Values(
        Bad{"an option misspelt",
            "[links.a]\nlisten = 80\nupstream = 'h'\npolice = 'first'\n",
            {"4:1: option 'police' is not known; did you mean policy?"}},
        Bad{"upstream misspelt",
            "[links.a]\nlisten = 80\nupstreams = 'h'\n",
            {"1:8: link 'a' has no upstream",
             "3:1: option 'upstreams' is not known; did you mean upstream?"}},
        Bad{"a word misspelt",
            "[links.a]\nlisten = 80\nupstream = 'h'\npolicy = 'round-robin'\n",
            {"4:10: option policy: 'round-robin' is no policy; did you mean round_robin?"}},
        Bad{"a wrong type",
            "[links.a]\nlisten = 80\nupstream = 'h'\nidle_timeout = 1.5\npolicy = ['first']\n",
            {"4:16: option idle_timeout is a number with a fraction", "5:10: option policy is an array"}},
        Bad{"true",
            "[links.a]\nlisten = 80\nupstream = 'h'\nhealth = true\n",
            {"4:10: option health: 'true' is no check"}},
        Bad{"a negative number",
            "[links.a]\nlisten = 80\nupstream = 'h'\nconnect_retries = -1\n",
            {"4:19: option connect_retries: '-1' is not a number"}},
        Bad{"a mode as a number, which TOML reads otherwise than chmod",
            "[links.a]\nlisten = 'unix:///a'\nupstream = 'h:1'\nmode = 0o660\n",
            {"4:8: option mode: '432' is no mode of a file"}},
        Bad{"a listener without port",
            "[links.a]\nlisten = '127.0.0.1'\nupstream = 'h'\n",
            {"2:10: listen: '127.0.0.1' says no port"}},
        Bad{"a listener that is a name",
            "[links.a]\nlisten = ['localhost:80']\nupstream = 'h'\n",
            {"2:11: listen: 'localhost:80' is a name, not an address to listen on"}},
        Bad{"a port out of range",
            "[links.a]\nlisten = [80, 65536]\nupstream = 'h'\n",
            {"2:15: listen: port 65536 is out of range"}},
        Bad{"listeners of other kinds",
            "[links.a]\nlisten = [true, {port = 80}]\nupstream = 'h'\n",
            {"2:11: listen is true or false", "2:17: listen is a table"}},
        Bad{"no listener", "[links.a]\nlisten = []\nupstream = 'h'\n", {"2:10: listen is an empty array"}},
        Bad{"no target", "[links.a]\nlisten = 80\nupstream = []\n", {"3:12: upstream is an empty array"}},
        Bad{"an empty target", "[links.a]\nlisten = 80\nupstream = ''\n", {"3:12: the value is empty"}},
        Bad{"a number for a target",
            "[links.a]\nlisten = 80\nupstream = ['h', 81]\n",
            {"3:18: upstream is a number"}},
        Bad{"wrong targets",
            "[links.a]\nlisten = 80\nupstream = ['http://h:80', 'srv://redis']\n",
            {"3:13: scheme 'http' is not supported", "3:28: 'redis' is not the name of a service"}},
        Bad{"a target without port where no listener has one",
            "[links.a]\nlisten = 'unix:///x'\nupstream = 'h'\n",
            {"3:12: 'h' says no port"}},
        Bad{"a listener of the target's options without port",
            "[links.a]\nlisten = 'unix:///x'\nupstream = 'h:1?listen=::'\n",
            {"3:12: option listen: '::' says no port"}},
        Bad{"a contradiction",
            "[links.a]\nlisten = 80\nupstream = ['h?policy=random', 'i']\npolicy = 'first'\n",
            {"4:10: option policy is given as random by links.toml:3:13 and as first"}},
        Bad{"options that need others",
            "[links.a]\nlisten = 80\nupstream = 'h'\nhealth_send = 'x'\nhealth = 'redis'\n",
            {"4:15: option health_send: health=redis does not use it"}},
        Bad{"options that need others, behind a target",
            "[links.a]\nlisten = 80\nupstream = 'h?health_rise=2'\n",
            {"1:8: option health_rise: nothing is checked"}},
        Bad{"itself",
            "[links.a]\nlisten = 80\nupstream = '127.0.0.1:80'\n",
            {"1:8: tcp://127.0.0.1:80 is this ambassador itself: links.toml:1:8 listens on 127.0.0.1:80"}}));

TEST(ConfigFileProblem, ShowsTheValueAndWhatWouldBeAccepted) {
  const Findings findings = find_in_link("upstream = 'h'\npolicy = 'round-robin'\n");
  EXPECT_EQ(findings.problems[0].value, "round-robin");
  EXPECT_EQ(findings.problems[0].accepted, "first, round_robin, least_sessions or random");
  EXPECT_EQ(test::fate_of(findings, "links.toml:1:8"),
            "problem: option policy: 'round-robin' is no policy; did you mean round_robin?");
}

TEST(ConfigFileProblem, NeverShowsAPassword) {
  const char* const kLines[] = {"health = 'mysql'\nhealth_password = 'hunter2'\n",
                                "health_password = \"hunter2\\n\"\n",
                                "health_pasword = 'hunter2'\n",
                                "health_password = ['hunter2']\n",
                                "password = 'hunter2'\n",
                                "'health_password = hunter2' = 1\n",
                                "[links]\nhealth_password = 'hunter2'\n",
                                "health_password = 'hunter2\n"};
  for (const auto* lines : kLines) {
    const Findings findings = find_in_link("upstream = 'h'\n" + std::string(lines));
    EXPECT_EQ(findings.problems.size(), 1U) << lines;
    for (const auto& problem : findings.problems) {
      EXPECT_EQ((problem.value + problem.what + problem.accepted).find("hunter2"), std::string::npos)
          << problem.what;
    }
  }
  const Findings findings = find_in_link("upstream = 'http://h?health_password=hunter2'\n");
  EXPECT_EQ(findings.problems[0].value, "http://h?health_password=***");
  EXPECT_EQ(findings.candidates.at(0).value, "http://h?health_password=***");
}

}  // namespace
}  // namespace amb
