// SPDX-License-Identifier: Apache-2.0
//
// The file of links as one source among others: when it cannot be read, when it is empty, and which source
// wins.
#include <gtest/gtest.h>

#include "unit/wiring/find.h"
#include "wiring/config_file.h"

namespace amb {
namespace {

using Texts = std::vector<std::string>;
using From = ConfigText::From;

TEST(ConfigFileThatCannotBeRead, IsAProblemThatNamesIt) {
  ConfigText config = test::file_of_links("");
  config.error = "No such file or directory";
  EXPECT_EQ(test::problems_of(test::find_in_file(config)),
            Texts{"links.toml: the file of links cannot be read: No such file or directory"});
  config.from = From::variable;
  const Findings findings = test::find_in_file(config, {{"AMBASSADOR_CONFIG", "links.toml"}});
  EXPECT_EQ(test::problems_of(findings),
            Texts{"variable AMBASSADOR_CONFIG: the file of links cannot be read: No such file or directory"});
  EXPECT_EQ(findings.problems[0].value, "links.toml");
}

TEST(ConfigFileThatCannotBeRead, HasMoreThanAMegabyte) {
  EXPECT_EQ(test::problems_of(test::find_in_file(std::string(kMostConfigBytes + 1, '\n'))),
            Texts{"links.toml: the file of links is larger than 1 MiB"});
  EXPECT_EQ(test::find_in_file("[links.a]\nlisten = 80\nupstream = 'h'\n" +
                               std::string(kMostConfigBytes - 100, '\n'))
                .problems.size(),
            0U);
}

TEST(ConfigFileWithoutLinks, IsAProblemOnlyIfNothingElseGivesOne) {
  EXPECT_EQ(test::links_of(test::find_in_file("# nothing yet\n", {{"A_PORT_80_TCP", "a"}})),
            Texts{"[::]:80 > tcp://a:80"});
  const Findings findings = test::find_in_file("[links]\n");
  ASSERT_EQ(findings.problems.size(), 1U);
  EXPECT_NE(findings.problems[0].what.find("no table [links.NAME] in links.toml"), std::string::npos);
  WiringInput input = test::with_variables({});
  input.config = test::file_of_links("");
  input.hosts_text = "172.17.0.2\tredis\n";
  EXPECT_EQ(test::links_of(find_wiring(input)), Texts{"[::]:6379 > tcp://redis:6379"})
      << "the hosts file comes last";
}

constexpr auto kPort80 = "[links.a]\nlisten = 80\nupstream = 'file'\n";

TEST(ConfigFileBesideOthers, BeatsVariablesAndYieldsToArguments) {
  const Findings beats = test::find_in_file(kPort80, {{"B_PORT_80_TCP", "b"}, {"C_PORT_90_TCP", "c"}});
  EXPECT_EQ(test::links_of(beats), (Texts{"127.0.0.1:80 > tcp://file:80", "[::]:90 > tcp://c:90"}));
  EXPECT_EQ(test::fate_of(beats, "B_PORT_80_TCP"), "ignored: links.toml:1:8 claims the same port");
  const Findings yields = test::find_in_file(kPort80, {{"C_PORT_80_TCP", "c"}}, {"B_PORT_80_TCP=b"});
  EXPECT_EQ(test::links_of(yields), Texts{"[::]:80 > tcp://b:80"});
  EXPECT_EQ(test::fate_of(yields, "links.toml:1:8"), "ignored: argument 1 claims the same port");
  EXPECT_EQ(test::fate_of(yields, "C_PORT_80_TCP"), "ignored: argument 1 claims the same port");
}

TEST(ConfigFileBesideOthers, JoinsAVariableThatSaysTheSame) {
  const Findings findings = test::find_in_file("[links.a]\nlisten = '[::]:80'\nupstream = 'a:80'\n",
                                               {{"A_PORT_80_TCP", "tcp://a:80"}});
  EXPECT_EQ(test::links_of(findings), Texts{"[::]:80 > tcp://a:80"});
  EXPECT_EQ(test::fate_of(findings, "A_PORT_80_TCP"), "merged: the same link as links.toml:1:8");
}

TEST(ConfigFileBesideHostPort, CountsOnlyIfItWasAskedForByName) {
  const Texts words = {"redis", "6379"};
  EXPECT_EQ(test::links_of(test::find_in_file(kPort80, {{"B_PORT_90_TCP", "b"}}, words)),
            (Texts{"[::]:6379 > tcp://redis:6379", "127.0.0.1:80 > tcp://file:80"}));
  for (const From from : {From::variable, From::standard_place}) {
    const Findings findings = test::find_in_file(test::file_of_links("no TOML at all", from), {}, words);
    EXPECT_EQ(test::links_of(findings), Texts{"[::]:6379 > tcp://redis:6379"});
    EXPECT_EQ(test::fate_of(findings, "links.toml"),
              "ignored: HOST PORT was given, and then only that counts");
  }
}

TEST(ConfigFileInKubernetes, IsEnoughWithoutAChoiceOfServices) {
  EXPECT_EQ(test::links_of(test::find_in_file(kPort80, {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"},
                                                        {"KUBERNETES_PORT_443_TCP", "tcp://10.0.0.1:443"}})),
            Texts{"127.0.0.1:80 > tcp://file:80"});
}

}  // namespace
}  // namespace amb
