// SPDX-License-Identifier: Apache-2.0
#include "wiring/environment.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"

namespace amb {
namespace {

using test::Variables;

TEST(Environment, IsLookedUpInAnyCaseAndTheFirstOfTwoCounts) {
  const Variables variables = {{"Redis_Name", "/me/redis"}, {"REDIS_NAME", "/other/redis"}, {"EMPTY", " "}};
  const Environment environment(variables);
  EXPECT_EQ(environment.value_of("redis_name"), "/me/redis");
  EXPECT_FALSE(environment.value_of("REDIS"));
  EXPECT_EQ(environment.value_of("EMPTY"), " ");
  EXPECT_FALSE(environment.setting("EMPTY")) << "a setting without a value counts as not set";
}

TEST(Environment, TellsTheAliasInItsOriginalSpelling) {
  const Variables variables = {
      {"MY_DB_NAME", "/me/my-db"}, {"A_NAME", "postgres"}, {"B_NAME", "/me/other"}, {"C_NAME", "/me/"}};
  const Environment environment(variables);
  EXPECT_EQ(environment.alias_of("MY_DB"), "my-db");
  EXPECT_FALSE(environment.alias_of("A")) << "no path: somebody's own variable";
  EXPECT_FALSE(environment.alias_of("B")) << "the alias does not make this prefix";
  EXPECT_FALSE(environment.alias_of("C"));
}

struct Copied {
  const char* because;
  const char* name;
  const char* value;
  Variables others;
  bool expected;
};

void PrintTo(const Copied& row, std::ostream* out) { *out << row.because; }

class CopiedVariable : public testing::TestWithParam<Copied> {};

TEST_P(CopiedVariable, IsToldFromAnAliasThatContainsEnv) {
  const Copied& row = GetParam();
  const Environment environment(row.others);
  EXPECT_EQ(environment.is_copied(*parse_link_name(row.name), row.value), row.expected) << row.because;
}

const Copied kCopied[] = {
    {"no _ENV_ at all", "DB_PORT_80_TCP", "tcp://10.0.0.1:80", {}, false},
    {"the alias 'env' alone", "ENV_PORT_80_TCP", "tcp://10.0.0.1:80", {}, false},
    {"nothing proves the alias", "DB_ENV_REDIS_PORT_80_TCP", "tcp://10.0.0.1:80", {}, true},
    {"lower case is no way around", "db_env_redis_port_80_tcp", "tcp://10.0.0.1:80", {}, true},
    {"PORT_80_TCP copied from db", "DB_ENV_PORT_80_TCP", "tcp://10.0.0.1:80", {{"DB_NAME", "/me/db"}}, true},
    {"_NAME proves the alias db-env",
     "DB_ENV_PORT_80_TCP",
     "tcp://10.0.0.1:80",
     {{"DB_ENV_NAME", "/me/db-env"}},
     false},
    {"the copied _NAME of another link proves nothing",
     "DB_ENV_REDIS_PORT_80_TCP",
     "tcp://10.0.0.1:80",
     {{"DB_ENV_REDIS_NAME", "/db/redis"}},
     true},
    {"_ADDR proves it where no linked container could be the source",
     "STAGE_ENV_DB_PORT_80_TCP",
     "tcp://10.0.0.1:80",
     {{"STAGE_ENV_DB_PORT_80_TCP_ADDR", "10.0.0.1"}},
     false},
    {"_ADDR in another spelling of IPv6",
     "STAGE_ENV_DB_PORT_80_TCP",
     "tcp://[fd00:0::1]:80",
     {{"STAGE_ENV_DB_PORT_80_TCP_ADDR", "fd00::1"}},
     false},
    {"_ADDR that disagrees",
     "STAGE_ENV_DB_PORT_80_TCP",
     "tcp://10.0.0.1:80",
     {{"STAGE_ENV_DB_PORT_80_TCP_ADDR", "10.0.0.2"}},
     true},
    {"_ADDR copied along from a linked container",
     "DB_ENV_REDIS_PORT_80_TCP",
     "tcp://10.0.0.1:80",
     {{"DB_ENV_REDIS_PORT_80_TCP_ADDR", "10.0.0.1"}, {"DB_NAME", "/me/db"}},
     true},
    {"copied twice over, from the second split",
     "A_ENV_B_ENV_C_PORT_80_TCP",
     "tcp://10.0.0.1:80",
     {{"A_ENV_B_ENV_C_PORT_80_TCP_ADDR", "10.0.0.1"}, {"A_ENV_B_NAME", "/me/a-env-b"}},
     true},
};

INSTANTIATE_TEST_SUITE_P(Rows, CopiedVariable, testing::ValuesIn(kCopied));

TEST(Environment, KnowsKubernetesServices) {
  const Variables variables = {{"REDIS_SERVICE_HOST", "10.0.0.1"}};
  const Environment environment(variables);
  EXPECT_TRUE(environment.is_service("redis"));
  EXPECT_TRUE(environment.is_service("KUBERNETES")) << "even where its host is not told";
  EXPECT_FALSE(environment.is_service("DB"));
  EXPECT_FALSE(environment.in_kubernetes());
}

TEST(Environment, KnowsTheNumberOfANamedPort) {
  const Variables variables = {{"REDIS_SERVICE_HOST", "10.0.0.1"}};
  const Environment environment(variables);
  const auto name = *parse_link_name("REDIS_SERVICE_PORT_8080_TCP");
  EXPECT_TRUE(environment.is_named_port(name, "8080"));
  EXPECT_FALSE(environment.is_named_port(name, "tcp://10.0.0.1:8080")) << "a service called redis-service";
  EXPECT_FALSE(environment.is_named_port(*parse_link_name("DB_SERVICE_PORT_8080_TCP"), "8080"));
}

}  // namespace
}  // namespace amb
