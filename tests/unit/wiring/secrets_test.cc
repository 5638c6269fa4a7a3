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
        Masked{"a?health_password=x,tcp://b?dead_peer=1s", "a?health_password=***,tcp://b?dead_peer=1s",
               "or ',' before a scheme"},
        Masked{"a?health_password=x,y,unix:@b", "a?health_password=***,unix:@b", "or an abstract name"},
        Masked{"a?health_password=x,b?dead_peer=1s", "a?health_password=***",
               "a ',' that should have been encoded"},
        Masked{"a?health_password=x&y&health=redis&z", "a?health_password=***&health=redis&z",
               "a '&' that should have been encoded"},
        Masked{"a?health_password=x&y=z", "a?health_password=***", "even with a '='"},
        Masked{"a?health_password=x?y=z/w", "a?health_password=***", "other characters are its own"},
        Masked{"a?health_password=", "a?health_password=***", "an empty one"},
        Masked{"a?health_password=***", "a?health_password=***", "once is enough"},
        Masked{"a?health_password=x&health_password=y", "a?health_password=***&health_password=***", "each"},
        Masked{"a?health%5Fpass%77ord=x", "a?health%5Fpass%77ord=***", "an encoded name"},
        Masked{"a?health_password%3Dx", "a?health_password%3D***", "an encoded '='"},
        Masked{"a?HEALTH_PASSWORD=x", "a?HEALTH_PASSWORD=***", "capitals"},
        Masked{"a?health_pasword=x", "a?health_pasword=***", "misspelt"},
        Masked{"a?health-password=x", "a?health-password=***", "misspelt in another way"},
        Masked{"a?password=x&passwd=y", "a?password=***", "another program's word"},
        Masked{"a?PWD=x", "a?PWD=***", "another one"}, Masked{"a?pass=x", "a?pass=***", "another one"},
        Masked{"a?%70%61ss=x", "a?%70%61ss=***", "encoded"}, Masked{"a?Auth=x", "a?Auth=***", "another one"},
        Masked{"a?client-secret=x", "a?client-secret=***", "another one"},
        Masked{"a?ACCESS_TOKEN=x", "a?ACCESS_TOKEN=***", "another one"},
        Masked{"a?api.key=x", "a?api.key=***", "another one"},
        Masked{"a?pasword=x", "a?pasword=***", "misspelt"},
        Masked{"redis://:x@h:6379", "redis://***@h:6379", "a password without a user"},
        Masked{"tcp://u:x@h", "tcp://***@h", "a user"}, Masked{"tcp://x@h", "tcp://***@h", "a user alone"},
        Masked{"u:x@h:1", "***@h:1", "without a scheme"},
        Masked{"tcp://u:x@y@h", "tcp://***@h", "an '@' in it"},
        Masked{"tcp://u:x/y?z#@h", "tcp://***@h", "what should have been encoded"},
        Masked{"tcp://u:x,y@h", "tcp://***@h", "a ',' too"},
        Masked{"tcp://a:1,tcp://u:x@b,tcp://c:1", "tcp://a:1,tcp://***@b,tcp://c:1", "the second of three"},
        Masked{"http://u:x@a,http://u:y@b", "http://***@a,http://***@b", "each"},
        Masked{"a?health=http://u:x@h/", "a?health=http://***@h/", "in an option"},
        Masked{"unix:///run/a@b", "unix:///run/a@b", "a path may have an '@'"},
        Masked{"a?listen=unix:///run/x:y@z", "a?listen=unix:///run/x:y@z", "and a ':'"},
        Masked{"unix:@name", "unix:@name", "an abstract name"},
        Masked{"tcp://h:1?health_user=me@here", "tcp://h:1?health_user=me@here", "a name with an '@'"},
        Masked{"tcp://[::1]:1?health_user=me@here", "tcp://[::1]:1?health_user=me@here", "behind IPv6"},
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

TEST(MaskSecrets, TakesNoLongerThanTheTextIsLong) {
  for (const char* part : {"=", "a:b,", "a:b/", "%3d", "passw=&", "x=,", "@", "://", ",tcp://u:p", " \"="}) {
    std::string text;
    while (text.size() < 100'000) text += part;
    EXPECT_FALSE(mask_secrets(text).empty()) << part;
    EXPECT_FALSE(mask_secrets(text + "@").empty()) << part;
  }
}

TEST(HasUser, IsAskedOfTargetsAndNotOfTheirOptions) {
  for (const auto* value :
       {"tcp://u:x@h", "redis://x@h", "u:x@h", "a,b:x@h", "tcp://u:x?y@h", "tcp://u:x,y@h"})
    EXPECT_TRUE(has_user(value)) << value;
  for (const auto* value : {"", "a", "unix:///a@b", "unix:@a", "a:1?health_user=b@c", "a?health=http://h/x@y",
                            "a:1?health_user=b@c,d:2?health_user=e@f", "[fd00::1]:80,b?x=y@z"})
    EXPECT_FALSE(has_user(value)) << value;
}

TEST(ShownValue, IsCutBehindItsSecretsAreMasked) {
  EXPECT_EQ(shown_value("a?health_password=x"), "a?health_password=***");
  const std::string shown = shown_value(std::string(511, 'x') + "ä" + std::string(100, 'y'));
  EXPECT_EQ(shown, std::string(511, 'x') + "…") << "no character is cut";
}

TEST(SecretName, IsAnythingThatLooksLikeThePasswords) {
  for (const auto* name : {"health_password", "health_pasword", "Health_Password", "passwd", "my_password_2",
                           "pw", "Pass", "dbPwd", "client_secret", "X-Auth-Token", "apiKey"})
    EXPECT_TRUE(is_secret_name(name)) << name;
  EXPECT_FALSE(is_secret_name(""));
  for (const auto& option : option_table())
    EXPECT_EQ(is_secret_name(option.name), option.name == "health_password") << option.name;
}

}  // namespace
}  // namespace amb
