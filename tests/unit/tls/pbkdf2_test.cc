// SPDX-License-Identifier: Apache-2.0
#include "tls/pbkdf2.h"

#include <gtest/gtest.h>

#include "tls/digest.h"

namespace amb {
namespace {

/// In base64, `step` iterations at a time.
std::string derived(const std::string& password, std::string_view salt, std::uint32_t iterations,
                    std::uint32_t step) {
  Pbkdf2 work(password, salt, iterations);
  while (work.left() > 0) work.advance(step);
  return base64_encode(work.key());
}

TEST(Pbkdf2, IsThatOfRfc7914AndOfRfc7677HoweverItIsDivided) {
  for (const std::uint32_t step : {1U, 7U, 4095U, 4096U, 1'000'000U}) {
    EXPECT_EQ(derived("passwd", "salt", 1, step), "VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw=");
    EXPECT_EQ(derived("pencil", base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096, step),
              "xKSVEDI6tPlSysH6mUQZOeeOp01r6B3fcJbodRPcYV0=");
  }
}

TEST(Pbkdf2, TakesPasswordsThatAreEmptyOrLongerThanABlock) {
  // As Python's hashlib.pbkdf2_hmac gives them.
  EXPECT_EQ(derived("", "salt", 3, 2), "Xd+DmvotX7S+VuGg9IkXYXVZvvYewSK/yhx/dayPQB0=");
  EXPECT_EQ(derived(std::string(64, 'x'), "salt", 3, 2), "BYLVLCEz7JChaECVJ62xoYeC0AFRyik5Z5py3tygdLU=");
  EXPECT_EQ(derived(std::string(65, 'x'), "salt", 3, 2), "VfgobdokqTk5Y2tVhKz/lpTJ0lUef2PtM0w4mmjl3U8=");
}

TEST(Pbkdf2, DoesNoMoreThanItIsAskedFor) {
  Pbkdf2 work("secret", "salt", 10);
  EXPECT_EQ(work.left(), 9U);
  work.advance(4);
  EXPECT_EQ(work.left(), 5U);
  work.advance(0);
  EXPECT_EQ(work.left(), 5U);
  work.advance(100);
  EXPECT_EQ(work.left(), 0U);
}

}  // namespace
}  // namespace amb
