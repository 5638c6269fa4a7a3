// SPDX-License-Identifier: Apache-2.0
#include "wiring/secrets.h"

#include <gtest/gtest.h>

#include "wiring/options.h"

namespace amb {
namespace {

struct Masked {
  std::string text, masked;
  const char* because;
};

void PrintTo(const Masked& row, std::ostream* out) { *out << row.because; }

class MaskSecrets : public testing::TestWithParam<Masked> {};

TEST_P(MaskSecrets, HidesPasswordsAndNothingElse) {
  EXPECT_EQ(mask_secrets(GetParam().text), GetParam().masked) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, MaskSecrets,
    testing::Values(
        Masked{"", "", "nothing"}, Masked{"tcp://redis:6379", "tcp://redis:6379", "no options"},
        Masked{"a?health=redis&health_password=x", "a?health=redis&health_password=***", "at the end"},
        Masked{"a?health_password=x&health=redis", "a?health_password=***&health=redis",
               "up to the next '&'"},
        Masked{"a?health_password=x,b?dead_peer=1s", "a?health_password=***,b?dead_peer=1s", "or ','"},
        Masked{"a?health_password=x?y=z/w", "a?health_password=***", "other characters are its own"},
        Masked{"a?health_password=", "a?health_password=***", "an empty one"},
        Masked{"a?health_password=***", "a?health_password=***", "once is enough"},
        Masked{"a?health_password=x,b?health_password=y", "a?health_password=***,b?health_password=***",
               "each"},
        Masked{"a?health%5Fpass%77ord=x", "a?health%5Fpass%77ord=***", "an encoded name"},
        Masked{"a?health_password%3Dx", "a?health_password%3D***", "an encoded '='"},
        Masked{"a?HEALTH_PASSWORD=x", "a?HEALTH_PASSWORD=***", "capitals"},
        Masked{"a?health_pasword=x", "a?health_pasword=***", "misspelt"},
        Masked{"a?health-password=x", "a?health-password=***", "misspelt in another way"},
        Masked{"a?password=x&passwd=y", "a?password=***&passwd=***", "another program's word"},
        Masked{"a?dead_peer=1;health_password=x", "a?dead_peer=1;health_password=***", "no separator"},
        Masked{"health_password = \"x\"", "health_password =***", "as TOML has it"},
        Masked{"a?health_user=x&health_expect=y", "a?health_user=x&health_expect=y", "no secrets"},
        Masked{"a=b=c%3Dd", "a=b=c%3Dd", "equals signs are no secrets"}, Masked{"%", "%", "a broken escape"},
        Masked{"%3", "%3", "half of one"}, Masked{"=&=,=", "=&=,=", "no names"}));

TEST(MaskKnown, HidesTheSecretWhereverItStands) {
  EXPECT_EQ(mask_known("AUTH pw failed: pwpw", "pw"), "AUTH *** failed: ******");
  EXPECT_EQ(mask_known("pw", "pw"), "***");
  EXPECT_EQ(mask_known("nothing of it", "pw"), "nothing of it");
  EXPECT_EQ(mask_known("none is set", ""), "none is set");
  EXPECT_EQ(mask_known("", "pw"), "");
}

TEST(SecretName, IsAnythingThatLooksLikeThePasswords) {
  for (const auto* name : {"health_password", "health_pasword", "Health_Password", "passwd", "my_password_2"})
    EXPECT_TRUE(is_secret_name(name)) << name;
  EXPECT_FALSE(is_secret_name(""));
  for (const auto& option : option_table())
    EXPECT_EQ(is_secret_name(option.name), option.name == "health_password") << option.name;
}

}  // namespace
}  // namespace amb
