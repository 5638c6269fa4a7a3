// SPDX-License-Identifier: Apache-2.0
#include "proxy/app_protocol.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/text.h"

namespace amb {
namespace {

using namespace std::string_view_literals;

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

struct Case {
  std::string_view first_bytes;
  AppProtocol protocol;
};

TEST(AppProtocol, OfAConsumerIsToldByItsFirstBytes) {
  for (const auto& [first_bytes, protocol] : std::to_array<Case>({
           {"*1\r\n$4\r\nPING\r\n", AppProtocol::redis},
           {"*1000000\r\n$3\r\nSET", AppProtocol::redis},
           {"PING\r\n", AppProtocol::redis},
           {"ping\n", AppProtocol::redis},
           {"AUTH secret\r\n", AppProtocol::redis},
           {"GET / HTTP/1.1\r\n", AppProtocol::http},
           {"GET http://other.example/ HTTP/1.1\r\n", AppProtocol::http},
           {"OPTIONS * HTTP/1.1\r\n", AppProtocol::http},
           {"CONNECT db.example:443 HTTP/1.1\r\n", AppProtocol::http},
           {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", AppProtocol::http2},
           {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"sv, AppProtocol::tls},
           {"\0\0\0\x54\0\x03\0\0user\0me\0"sv, AppProtocol::postgres},
           {"\0\0\0\x54\0\x03\0\x02user\0me\0"sv, AppProtocol::postgres},
           {"\0\0\0\x08\x04\xd2\x16\x2f"sv, AppProtocol::postgres},
           {"\0\0\0\x08\x04\xd2\x16\x30"sv, AppProtocol::postgres},
           {"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\1\0\0\0\2"sv, AppProtocol::postgres},
       })) {
    EXPECT_EQ(recognise_request(bytes(first_bytes)), protocol) << escape_text(first_bytes);
  }
}

TEST(AppProtocol, IsOtherForWhatOnlyLooksAlike) {
  for (const std::string_view first_bytes : {
           "hello there"sv,
           "get key\r\n"sv,  // memcached
           "GET key\r\n"sv,  // redis inline, which nobody sends
           "GETTING /\r\n"sv,
           "PINGS\r\n"sv,
           "*\r\n$1\r\n"sv,
           "*12345678\r\n$"sv,
           "*1\n$4\nPING\n"sv,
           "*x\r\n"sv,
           "PRI * HTTP/1.1\r\n"sv,
           "\x16\x02\x00\x00\x10\x01"sv,
           "\x16\x03\x05\x00\x10\x01"sv,
           "\x16\x03\x01\x00\x10\x02"sv,  // a ServerHello
           "\0\0\0\x54\0\x02\0\0"sv,
           "\0\0\x28\x00\0\x03\0\0"sv,  // longer than a server takes
           "\0\0\0\x08\x04\xd2\x16\x2d"sv,
           "SSH-2.0-OpenSSH_9.2\r\n"sv,
       }) {
    EXPECT_EQ(recognise_request(bytes(first_bytes)), AppProtocol::other) << escape_text(first_bytes);
  }
}

TEST(AppProtocol, IsOpenWhileMoreCouldTell) {
  for (const std::string_view whole :
       {"*12\r\n$4\r\n"sv, "AUTH secret\r\n"sv, "DELETE /\r\n"sv, "PRI * HTTP/2.0\r\n"sv,
        "\0\0\0\x54\0\x03\0\0"sv, "\x16\x03\x01\x02\x00\x01"sv}) {
    const AppProtocol known = recognise_request(bytes(whole));
    ASSERT_NE(known, AppProtocol::other);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const AppProtocol so_far = recognise_request(bytes(whole.substr(0, size)));
      EXPECT_TRUE(so_far == AppProtocol::none || so_far == known) << escape_text(whole.substr(0, size));
    }
  }
}

TEST(AppProtocol, IsNeverOpenOnceEnoughHasCome) {
  for (int first = 0; first < 256; ++first) {
    for (const char rest : {'\0', ' ', '*', '0', '9', 'P', '\xff'}) {
      std::string text(kTellingBytes, rest);
      text[0] = static_cast<char>(first);
      EXPECT_NE(recognise_request(bytes(text)), AppProtocol::none) << escape_text(text);
      EXPECT_NE(recognise_greeting(bytes(text)), AppProtocol::none) << escape_text(text);
    }
  }
}

TEST(AppProtocol, OfAProviderThatSpeaksFirstIsToldByItsGreeting) {
  EXPECT_EQ(recognise_greeting(bytes("\x4a\0\0\0\x0a"
                                     "8.0.36\0"sv)),
            AppProtocol::mysql);
  EXPECT_EQ(recognise_greeting(bytes("\x6a\0\0\0\x0a"
                                     "5.5.5-10.11.6-MariaDB\0"sv)),
            AppProtocol::mysql);
  EXPECT_EQ(recognise_greeting(bytes("\x46\0\0\0\xff\x69\x04Host is blocked"sv)), AppProtocol::mysql);
  EXPECT_EQ(recognise_greeting(bytes("\x4a\0\0\0"sv)), AppProtocol::none);
  EXPECT_EQ(recognise_greeting(bytes("220 mail.example ESMTP\r\n"sv)), AppProtocol::other);
  EXPECT_EQ(recognise_greeting(bytes("SSH-2.0-OpenSSH_9.2\r\n"sv)), AppProtocol::other);
  EXPECT_EQ(recognise_greeting(bytes("\x4a\0\0\1\x0a"
                                     "8"sv)),
            AppProtocol::other);
}

TEST(AppProtocol, KnowsPostgresThatAsksForTls) {
  EXPECT_TRUE(is_postgres_tls_request(bytes("\0\0\0\x08\x04\xd2\x16\x2f"sv)));
  EXPECT_FALSE(is_postgres_tls_request(bytes("\0\0\0\x08\x04\xd2\x16\x30"sv)));
  EXPECT_FALSE(is_postgres_tls_request(bytes("\0\0\0\x08\x04\xd2\x16"sv)));
}

TEST(AppProtocol, HasAWordEach) {
  EXPECT_EQ(to_string(AppProtocol::none), "none");
  EXPECT_EQ(to_string(AppProtocol::postgres), "postgres");
  EXPECT_EQ(to_string(AppProtocol::tls), "tls");
}

}  // namespace
}  // namespace amb
