// SPDX-License-Identifier: Apache-2.0
#include "wiring/listen_address.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

TEST(ListenAddress, TakesAnAddressWithTheLinksPortOrItsOwn) {
  const std::pair<const char*, const char*> kRows[] = {{"127.0.0.1", "127.0.0.1:80"},
                                                       {"127.0.0.1:90", "127.0.0.1:90"},
                                                       {"tcp://127.0.0.1:90", "127.0.0.1:90"},
                                                       {"TCP://127.0.0.1", "127.0.0.1:80"},
                                                       {"0.0.0.0", "0.0.0.0:80"},
                                                       {"::", "[::]:80"},
                                                       {"[::1]:90", "[::1]:90"},
                                                       {"fd00::1:90", "[fd00::1]:90"},
                                                       {"unix:///run/x.sock", "unix:/run/x.sock"},
                                                       {"unix:@x", "unix:@x"},
                                                       {"UNIX:@/run/x", "unix:@/run/x"},
                                                       {"unix://@x", "unix:@x"}};
  for (const auto& [text, expected] : kRows) {
    const auto address = parse_listen_address(text, 80);
    ASSERT_TRUE(address) << text << ": " << address.error().what;
    EXPECT_EQ(address->to_string(), expected);
  }
}

TEST(ListenAddress, TakesNoNamesForTheyMayMeanAnything) {
  for (const auto* text : {"",
                           "localhost",
                           "eth0",
                           "*",
                           "*:80",
                           ":80",
                           "80",
                           "tcp://",
                           "tcp://redis:80",
                           "udp://127.0.0.1",
                           "127.0.0.1:0",
                           "127.0.0.1:x",
                           "127.0.0.1/8",
                           "unix://",
                           "unix:/run/x",
                           "unix:///",
                           "unix:///a;b",
                           "unix:@",
                           "unix:@a b",
                           "unix:x"}) {
    EXPECT_FALSE(parse_listen_address(text, 80)) << text;
  }
}

TEST(ListenAddress, WithoutAPortNeedsOneFromTheLink) {
  EXPECT_EQ(parse_listen_address("127.0.0.1", 0).error().what, "'127.0.0.1' says no port");
  EXPECT_TRUE(parse_listen_address("127.0.0.1:80", 0));
  EXPECT_TRUE(parse_listen_address("unix:///x", 0));
}

TEST(ListenAddress, IsWrittenAsItIsRead) {
  for (const auto* text : {"127.0.0.1:90", "[::1]:90", "unix:///run/x.sock", "unix:@x"})
    EXPECT_EQ(format_listen_address(*parse_listen_address(text, 80)), text);
}

TEST(ListenAddress, OfAUnixSocketHasOneSpellingForOnePlace) {
  for (const auto* text :
       {"unix:////run/x.sock", "unix:///run//x.sock", "unix:///run/./x.sock", "unix:///./run/.//x.sock"})
    EXPECT_EQ(parse_listen_address(text, 80)->path(), "/run/x.sock") << text;
  EXPECT_EQ(parse_unix_path("/run/a/../x")->path(), "/run/a/../x") << "/run/a may be a symbolic link";
  EXPECT_EQ(parse_unix_path("/...")->path(), "/...");
  EXPECT_EQ(parse_unix_path("/run//" + std::string(102, 'x'))->path().size(), 107U)
      << "what counts is what is left";
  EXPECT_EQ(parse_listen_address("unix:@a//b", 80)->path(), "@a//b") << "an abstract name is no path";
}

TEST(ListenAddress, OfAFolderIsNoneThatASocketCanHave) {
  for (const auto* path : {"/", "//", "/run/", "/run/.", "/run/.."})
    EXPECT_EQ(parse_unix_path(path).error().what, "'" + std::string(path) + "' is a directory");
}

TEST(ListenAddress, MayBeAnAbstractNameOf106Bytes) {
  EXPECT_TRUE(parse_unix_address("@" + std::string(106, 'x')));
  EXPECT_EQ(parse_unix_address("@" + std::string(107, 'x')).error().what,
            "an abstract name of 107 bytes is too long for a UNIX socket");
}

TEST(ListenAddress, OfALinkThatWasToldNothingIsEveryAddress) {
  EXPECT_EQ(any_address(80).to_string(), "[::]:80");
}

}  // namespace
}  // namespace amb
