// SPDX-License-Identifier: Apache-2.0
#include "health/scram.h"

#include <gtest/gtest.h>

#include "tls/digest.h"
#include "tls/pbkdf2.h"

namespace amb {
namespace {

// The exchange of RFC 7677, section 3.
const std::string kNonce = "rOprNGfwEbeRWgbNEkqO";
const std::string kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const std::string kServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

// The password "pencil", salted as the challenge wants.
std::string key() {
  Pbkdf2 work("pencil", base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096);
  work.advance(4096);
  return work.key();
}

class Scram : public testing::Test {
 protected:
  std::string refusal(const std::string& server_first) {
    const auto salt = client_.challenge(server_first);
    return salt ? "taken" : salt.error();
  }
  std::string complaint(const std::string& server_final) {
    const auto proven = client_.verify(server_final);
    return proven ? "none" : proven.error();
  }

  ScramClient client_{"user", kNonce};
};

TEST_F(Scram, IsThatOfRfc7677) {
  EXPECT_EQ(client_.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  const auto salt = client_.challenge(kServerFirst);
  ASSERT_TRUE(salt) << salt.error();
  EXPECT_EQ(*salt, (ScramSalt{base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096}));
  EXPECT_EQ(client_.final(key()),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_EQ(complaint(kServerFinal), "none");
}

TEST_F(Scram, WritesNamesSoThatTheyEndWhereTheyEnd) {
  EXPECT_EQ(ScramClient("a,b=c", "n").first(), "n,,n=a=2Cb=3Dc,r=n");
  EXPECT_EQ(ScramClient("", "n").first(), "n,,n=,r=n");
}

TEST_F(Scram, BelievesNoServerThatDoesNotKnowThePassword) {
  EXPECT_EQ(complaint(kServerFinal), "it has not proven that it knows the password")
      << "nothing was asked yet";
  ASSERT_EQ(refusal(kServerFirst), "taken");
  (void)client_.final(key());
  for (const std::string wrong :
       {"v=AAAA", "v=", "", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", "x"}) {
    EXPECT_EQ(complaint(wrong), "it has not proven that it knows the password") << wrong;
  }
  EXPECT_EQ(complaint("e=invalid-proof"), "SCRAM ends with the error invalid-proof");
}

TEST_F(Scram, RefusesChallengesThatAreNoAnswerToItsOwn) {
  const std::string tail = ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  for (const std::string& nonce : {kNonce, std::string("another"), std::string(), "x" + kNonce}) {
    EXPECT_EQ(refusal("r=" + nonce + tail), "its SCRAM challenge is not an answer to ours") << nonce;
  }
}

TEST_F(Scram, RefusesMalformedChallenges) {
  const std::string r = "r=" + kNonce + "more";
  for (const std::string& challenge :
       {std::string(), r, r + ",s=W22Z", r + ",i=1,s=W22Z", r + ",s=W2,i=1", r + ",s=,i=1", r + ",s=W22Z,i=0",
        r + ",s=W22Z,i=-1", r + ",s=W22Z,i=1x", r + ",s=W22Z,i=", r + ",s=W22Z,i=99999999999",
        r + ",s=W22Z,i=1," + std::string(ScramClient::kMostChallengeBytes, 'x'),
        "m=ext," + r + ",s=W22Z,i=1"}) {
    EXPECT_EQ(refusal(challenge), "its SCRAM challenge is malformed") << challenge;
  }
}

TEST_F(Scram, DoesNotComputeAsLongAsAServerLikes) {
  EXPECT_EQ(refusal("r=" + kNonce + "more,s=W22Z,i=1000001"),
            "it wants 1000001 SCRAM iterations, more than 1000000");
  EXPECT_EQ(refusal("r=" + kNonce + "more,s=W22Z,i=1000000"), "taken");
}

}  // namespace
}  // namespace amb
