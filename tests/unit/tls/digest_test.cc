// SPDX-License-Identifier: Apache-2.0
#include "tls/digest.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

TEST(Digest, Md5IsThatOfRfc1321) {
  EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Digest, Sha256IsThatOfFips180) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, HmacIsThatOfRfc4231) {
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digest, HmacTakesAnEmptyKey) {
  EXPECT_EQ(hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Digest, RandomBytesAreSoManyAndOthersEachTime) {
  EXPECT_EQ(random_bytes(18).size(), 18U);
  EXPECT_NE(random_bytes(18), random_bytes(18));
  EXPECT_EQ(random_bytes(0), "");
}

TEST(Digest, Base64IsThatOfRfc4648) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xff\xfe\xfd", "//79"},
      {std::string_view("\0\0", 2), "AAA="},
  };
  for (const auto& [data, text] : kCases) {
    EXPECT_EQ(base64_encode(data), text);
    EXPECT_EQ(base64_decode(text), data) << text;
  }
}

TEST(Digest, Base64ThatIsNotStrictlyOneIsRefused) {
  for (const std::string_view text : {"Z", "Zg", "Zg=", "Zg===", "====", "Zm9v=", "Zm 9vYg=", "Zm9v\n===",
                                      "Zh==", "Zm9=", "Z===", "Zg==Zg==", "Zm9-"}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace amb
