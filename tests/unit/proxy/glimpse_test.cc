// SPDX-License-Identifier: Apache-2.0
#include "proxy/glimpse.h"

#include <gtest/gtest.h>

#include "support/client_hello.h"

namespace amb {
namespace {

using namespace std::string_view_literals;
using test::ClientHello;

constexpr auto kConsumer = Direction::to_upstream;
constexpr auto kProvider = Direction::to_downstream;
constexpr auto kPostgresTlsRequest = "\0\0\0\x08\x04\xd2\x16\x2f"sv;

void say(Glimpse& glimpse, Direction direction, std::string_view text) {
  if (!glimpse.is_over()) glimpse.see(direction, std::as_bytes(std::span(text)));
}

void say_in_pieces(Glimpse& glimpse, std::string_view text, std::size_t piece) {
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    say(glimpse, kConsumer, text.substr(0, piece));
}

TEST(Glimpse, IsOverOnceTheProtocolIsKnown) {
  Glimpse glimpse(true);
  say(glimpse, kConsumer, "*1\r\n$4\r\nPING\r\n");
  EXPECT_TRUE(glimpse.is_over());
  EXPECT_EQ(glimpse.protocol(), AppProtocol::redis);
  EXPECT_EQ(glimpse.hello(), nullptr);
}

TEST(Glimpse, SeesNothingWhereItIsNotAllowed) {
  const Glimpse glimpse(false);
  EXPECT_TRUE(glimpse.is_over());
  EXPECT_EQ(glimpse.protocol(), AppProtocol::none);
}

TEST(Glimpse, LooksAtTheProviderWhenItSpeaksFirst) {
  Glimpse glimpse(true);
  say(glimpse, kProvider,
      "\x4a\0\0\0\x0a"
      "8.0.36\0"sv);
  EXPECT_EQ(glimpse.protocol(), AppProtocol::mysql);
  EXPECT_TRUE(glimpse.is_over());
}

TEST(Glimpse, PutsABeginningTogetherThatComesByteByByte) {
  for (const auto& [text, protocol] : std::to_array<std::pair<std::string_view, AppProtocol>>({
           {"*1\r\n$4\r\nPING\r\n", AppProtocol::redis},
           {"GET / HTTP/1.1\r\n\r\n", AppProtocol::http},
           {"\0\0\0\x54\0\x03\0\0user\0me\0"sv, AppProtocol::postgres},
           {"PRINT\r\n", AppProtocol::other},
       })) {
    Glimpse glimpse(true);
    say_in_pieces(glimpse, text, 1);
    EXPECT_EQ(glimpse.protocol(), protocol);
    EXPECT_TRUE(glimpse.is_over());
  }
}

TEST(Glimpse, ReadsAClientHelloHoweverItIsCut) {
  const std::string record =
      ClientHello{.server_name = "db.example", .protocols = {"h2"}, .padding = 1216}.record();
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1448}, record.size()}) {
    Glimpse glimpse(true);
    say_in_pieces(glimpse, record, piece);
    EXPECT_TRUE(glimpse.is_over()) << piece;
    EXPECT_EQ(glimpse.protocol(), AppProtocol::tls) << piece;
    ASSERT_NE(glimpse.hello(), nullptr) << piece;
    EXPECT_EQ(glimpse.hello()->server_name, "db.example") << piece;
    EXPECT_EQ(glimpse.hello()->protocols, "h2") << piece;
  }
}

TEST(Glimpse, KnowsTlsBeforeAllOfTheHelloHasCome) {
  Glimpse glimpse(true);
  say(glimpse, kConsumer, std::string_view(ClientHello{.padding = 100}.record()).substr(0, 20));
  EXPECT_EQ(glimpse.protocol(), AppProtocol::tls);
  EXPECT_FALSE(glimpse.is_over());
}

TEST(Glimpse, KeepsNoMoreThanItsBoundOfAHelloThatDoesNotEnd) {
  const std::string record = ClientHello{.server_name = "db.example", .padding = 16'000}.record();
  Glimpse glimpse(true);
  say_in_pieces(glimpse, std::string_view(record).substr(0, Glimpse::kMostBytes - 1), 100);
  EXPECT_FALSE(glimpse.is_over());
  say_in_pieces(glimpse, std::string_view(record).substr(Glimpse::kMostBytes - 1, 1), 100);
  EXPECT_TRUE(glimpse.is_over());
  EXPECT_EQ(glimpse.protocol(), AppProtocol::tls);
  EXPECT_EQ(glimpse.hello(), nullptr);  // the name stands behind
}

TEST(Glimpse, ReadsTheHelloThatPostgresBeginsWith) {
  Glimpse glimpse(true);
  say(glimpse, kConsumer, kPostgresTlsRequest);
  EXPECT_EQ(glimpse.protocol(), AppProtocol::postgres);
  say(glimpse, kProvider, "S");
  say(glimpse, kConsumer, ClientHello{.server_name = "db.example", .protocols = {"postgresql"}}.record());
  EXPECT_TRUE(glimpse.is_over());
  EXPECT_EQ(glimpse.protocol(), AppProtocol::postgres);
  ASSERT_NE(glimpse.hello(), nullptr);
  EXPECT_EQ(glimpse.hello()->server_name, "db.example");
}

TEST(Glimpse, IsOverWhenPostgresGoesOnWithoutTls) {
  Glimpse glimpse(true);
  say(glimpse, kConsumer, kPostgresTlsRequest);
  say(glimpse, kProvider, "N");
  say(glimpse, kConsumer, "\0\0\0\x54\0\x03\0\0user\0me\0"sv);
  EXPECT_TRUE(glimpse.is_over());
  EXPECT_EQ(glimpse.protocol(), AppProtocol::postgres);
  EXPECT_EQ(glimpse.hello(), nullptr);
}

TEST(Glimpse, IsOtherWhenABeginningIsAnsweredBeforeItCouldBeTold) {
  Glimpse glimpse(true);
  say(glimpse, kConsumer, "G");
  say(glimpse, kProvider, "what?");
  EXPECT_TRUE(glimpse.is_over());
  EXPECT_EQ(glimpse.protocol(), AppProtocol::other);
}

TEST(Glimpse, MakesDoWithWhatItSawWhenTheSessionEnds) {
  Glimpse silent(true), begun(true), known(true);
  say(begun, kConsumer, "G");
  say(known, kConsumer, std::string_view(ClientHello{.padding = 100}.record()).substr(0, 20));
  for (Glimpse* glimpse : {&silent, &begun, &known}) {
    glimpse->finish();
    EXPECT_TRUE(glimpse->is_over());
  }
  EXPECT_EQ(silent.protocol(), AppProtocol::none);
  EXPECT_EQ(begun.protocol(), AppProtocol::other);
  EXPECT_EQ(known.protocol(), AppProtocol::tls);
}

}  // namespace
}  // namespace amb
