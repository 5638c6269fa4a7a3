// SPDX-License-Identifier: Apache-2.0
#include "admin/http_access.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "unit/admin/serving.h"
#include "unit/support/child.h"

namespace amb {
namespace {

using namespace test;
using Fields = std::vector<std::pair<std::string, std::string>>;

HttpAccess tcp_access() {
  return {.kind = HttpAccess::Kind::tcp, .token = kToken, .hosts = {"127.0.0.1:9900", "localhost:9900"}};
}

/// The head of which it is made, and why it is refused; 0: it is not.
struct Asking {
  Asking(std::string_view method, std::string_view target, const Fields& fields) {
    text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n";
    for (const auto& [name, value] : fields) text += name + ": " + value + "\r\n";
    text += "\r\n";
  }
  std::optional<HttpResponse> refused(const HttpAccess& access, int fd) const {
    const auto head = parse_head(text);
    if (!head) return error_response(head.error().status, head.error().what);
    return refusal(access, *head, fd);
  }
  std::string text;
};

struct Case {
  const char* method;
  Fields fields;
  unsigned status;  ///< 0: it is let in.
  const char* because;
  const char* target = "/v1/status";
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.because; }

class RequestOverTcp : public testing::TestWithParam<Case> {};

TEST_P(RequestOverTcp, IsLetInOrRefused) {
  const auto& [method, fields, status, because, target] = GetParam();
  const auto refused = Asking(method, target, fields).refused(tcp_access(), -1);
  EXPECT_EQ(refused ? refused->status : 0U, status) << because;
  if (!refused) return;
  EXPECT_EQ(refused->body.find(kToken), std::string::npos);
  for (const auto& [name, value] : refused->fields)
    EXPECT_FALSE(to_lower(name).starts_with("access-control")) << name;
}

const std::pair<std::string, std::string> kHost{"Host", "127.0.0.1:9900"};
const std::pair<std::string, std::string> kAuthorized{"Authorization", std::string("Bearer ") + kToken};

INSTANTIATE_TEST_SUITE_P(
    Fields, RequestOverTcp,
    testing::Values(
        Case{"GET", {kHost, kAuthorized}, 0, "as it is meant"},
        Case{"HEAD", {kHost, kAuthorized}, 0, "the same without the body"},
        Case{"PATCH", {kHost, kAuthorized}, 0, "a change"},
        Case{"PUT", {kHost, kAuthorized}, 0, "known, though no path takes it"},
        Case{"GET", {{"Host", "LOCALHOST:9900"}, kAuthorized}, 0, "by name, in any case"},
        Case{
            "GET", {kHost, {"authorization", std::string("bearer  ") + kToken}}, 0, "the scheme in any case"},
        Case{"GET",
             {kHost, kAuthorized, {"User-Agent", "Mozilla/5.0"}},
             0,
             "nothing hangs on who it says it is"},
        Case{"GET", {{"Host", "evil.example"}, kAuthorized}, 403, "a name of somebody else's making"},
        Case{"GET", {{"Host", "127.0.0.1"}, kAuthorized}, 403, "the port is missing"},
        Case{"GET", {{"Host", "127.0.0.1:9900.evil.example"}, kAuthorized}, 403, "it only begins well"},
        Case{"GET", {kAuthorized}, 400, "no Host at all"},
        Case{"GET", {kHost, kHost, kAuthorized}, 400, "two of them"},
        Case{"GET", {{"Host", ""}, kAuthorized}, 403, "an empty one"},
        Case{"GET", {kHost, kAuthorized, {"Origin", "http://127.0.0.1:9900"}}, 0, "our own page asks"},
        Case{"POST",
             {kHost, kAuthorized, {"Origin", "https://127.0.0.1:9900"}},
             0,
             "through a proxy with TLS"},
        Case{
            "POST", {kHost, kAuthorized, {"Origin", "http://evil.example"}}, 403, "another site's page asks"},
        Case{"POST", {kHost, kAuthorized, {"Origin", "http://127.0.0.1"}}, 403, "of another port"},
        Case{"POST",
             {kHost, kAuthorized, {"Origin", "http://localhost:9900"}},
             403,
             "of a name that is not this Host"},
        Case{"POST",
             {kHost, kAuthorized, {"Origin", "http://127.0.0.1:9900.evil.example"}},
             403,
             "it only begins well"},
        Case{"POST", {kHost, kAuthorized, {"Origin", "ftp://127.0.0.1:9900"}}, 403, "another scheme"},
        Case{"GET",
             {kHost, kAuthorized, {"Origin", "http://127.0.0.1:9900"}, {"Origin", "http://x"}},
             403,
             "two origins"},
        Case{"POST", {kHost, {"Origin", "http://127.0.0.1:9900"}}, 401, "our own page without the token"},
        Case{"POST",
             {{"Host", "evil.example"}, kAuthorized, {"Origin", "http://evil.example"}},
             403,
             "a name bound to our address"},
        Case{"GET", {kHost}, 0, "the page itself", "/"},
        Case{"GET", {kHost}, 0, "a part of it", "/page/app.js?x=1"},
        Case{"HEAD", {kHost}, 0, "its head", "/"},
        Case{"POST", {kHost}, 401, "what only the page's own paths may", "/"},
        Case{"GET", {kHost}, 401, "not beside it", "/pages"},
        Case{"GET", {kHost}, 401, "nor behind it", "//v1/status"},
        Case{"GET", {{"Host", "evil.example"}}, 403, "the page under a foreign name", "/"},
        Case{"GET", {kHost}, 0, "the page as a proxy is asked for it", "http://127.0.0.1:9900"},
        Case{"GET", {kHost, kAuthorized}, 0, "so is the API", "HTTP://localhost:9900/v1/status"},
        Case{
            "GET", {kHost, kAuthorized}, 403, "what the target says counts", "http://evil.example/v1/status"},
        Case{"GET",
             {{"Host", "evil.example"}, kAuthorized},
             0,
             "and not what Host says",
             "http://127.0.0.1:9900/v1/status"},
        Case{"POST",
             {kHost, kAuthorized, {"Origin", "http://127.0.0.1:9900"}},
             403,
             "an origin is compared with it",
             "http://localhost:9900/v1/drain"},
        Case{"GET", {kHost}, 401, "behind an authority too", "http://127.0.0.1:9900/v1/status"},
        Case{"GET", {kHost, kAuthorized, {"Origin", "null"}}, 403, "a page without an origin asks"},
        Case{"OPTIONS", {kHost, kAuthorized}, 405, "what a browser asks before"},
        Case{"OPTIONS", {kHost, {"Origin", "http://x"}}, 403, "with its origin"},
        Case{"TRACE", {kHost, kAuthorized}, 405, "gives back what it was sent"},
        Case{"CONNECT", {kHost, kAuthorized}, 405, "no proxy is here"},
        Case{"GARBAGE", {kHost, kAuthorized}, 405, "not a method"}, Case{"GET", {kHost}, 401, "no token"},
        Case{
            "GET", {kHost, {"Authorization", "Bearer 0123456789abcdeX"}}, 401, "the last character is wrong"},
        Case{"GET", {kHost, {"Authorization", "Bearer 0123456789abcde"}}, 401, "it is cut"},
        Case{"GET", {kHost, {"Authorization", std::string("Bearer ") + kToken + "0"}}, 401, "it goes on"},
        Case{"GET", {kHost, {"Authorization", "Bearer "}}, 401, "an empty one"},
        Case{"GET", {kHost, {"Authorization", "Bearer"}}, 401, "the word alone"},
        Case{"GET", {kHost, {"Authorization", kToken}}, 401, "without the word"},
        Case{"GET", {kHost, {"Authorization", std::string("Basic ") + kToken}}, 401, "another scheme"},
        Case{"GET", {kHost, kAuthorized, kAuthorized}, 401, "twice"}));

TEST(RequestWithoutAToken, IsToldHowToShowIt) {
  const auto refused = Asking("GET", "/v1/status", {kHost}).refused(tcp_access(), -1);
  ASSERT_TRUE(refused);
  ASSERT_EQ(refused->fields.size(), 1U);
  EXPECT_EQ(refused->fields[0].first, "WWW-Authenticate");
  EXPECT_EQ(refused->fields[0].second, "Bearer realm=\"ambassador\"");
}

TEST(RequestOverTheControlSocket, IsLetInForTheSameUserWhateverItsFieldsAre) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const UniqueFd near(ends[0]), far(ends[1]);
  const Asking asking("PATCH", "/v1/links/x", {{"Host", "whatever"}});
  EXPECT_FALSE(asking.refused(unix_access(), near.borrow()));
  EXPECT_TRUE(is_owner(unix_access(), near.borrow()));
  HttpAccess of_another = unix_access();
  of_another.own_uid += 1;
  const bool is_root = ::geteuid() == 0;
  EXPECT_EQ(asking.refused(of_another, near.borrow()).has_value(), !is_root) << "root may";
  EXPECT_EQ(Asking("OPTIONS", "/", {{"Host", "x"}}).refused(unix_access(), near.borrow())->status, 405U);
  EXPECT_EQ(asking.refused(unix_access(), -1)->status, 403U) << "nobody knows who that is";
  EXPECT_FALSE(is_owner(unix_access(), -1));
  EXPECT_FALSE(is_owner(tcp_access(), near.borrow()));
}

TEST(RequestOverTcp, HasProvenItselfWithTheTokenAlone) {
  const auto has = [](const Fields& fields, const HttpAccess& access = tcp_access()) {
    const Asking asking("GET", "/", fields);
    return has_proven(access, parse_head(asking.text).value());
  };
  EXPECT_TRUE(has({kHost, kAuthorized}));
  EXPECT_FALSE(has({kHost}));
  EXPECT_FALSE(has({kHost, {"Authorization", "Bearer 0123456789abcdeX"}}));
  EXPECT_FALSE(has({kHost, kAuthorized}, unix_access()));
}

TEST(AdminHosts, IncludeTheAddressThatTheConnectionCameInOn) {
  HttpAccess access = tcp_access();
  access.hosts = hosts_of(ip("0.0.0.0", 9900), {});
  for (const char* address : {"127.0.0.1", "127.0.0.2", "::1"}) {
    asio::io_context io;
    auto acceptor = acceptor_at(io, ip(address));
    const SocketAddress bound = address_of(acceptor);
    const auto connected = connect_to(bound);
    auto accepted = acceptor.accept();
    const auto refused = [&](const std::string& host) {
      return Asking("GET", "/", {{"Host", host}}).refused(access, accepted.native_handle()).has_value();
    };
    const std::string port = ":" + std::to_string(bound.port());
    EXPECT_FALSE(refused(bound.to_string())) << address;
    EXPECT_TRUE(refused(bound.with_port(1).to_string())) << "another port";
    EXPECT_TRUE(refused("127.0.0.3" + port)) << "another address";
    EXPECT_TRUE(refused("[127.0.0.1]" + port));
    EXPECT_TRUE(refused(bound.host() + port + "0"));
    EXPECT_TRUE(refused("evil.example" + port));
    EXPECT_TRUE(refused(""));
    EXPECT_TRUE(refused("["));
    if (bound.family() == AF_INET6) {
      EXPECT_FALSE(refused("[0:0:0::1]" + port)) << "spelt in another way";
      EXPECT_TRUE(refused("::1" + port));
    }
  }
}

TEST(RequestOverTheControlSocket, ThatComesFromTheProgramItselfIsALinksAndNotItsOwners) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const UniqueFd near(ends[0]), far(ends[1]);
  const Asking asking("GET", "/", {{"Host", "x"}});
  HttpAccess access = unix_access();
  access.own_pid = ::getpid();
  const auto refused = asking.refused(access, near.borrow());
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 403U);
  EXPECT_FALSE(is_owner(access, near.borrow())) << "nor does it take a connection of the owner's";
  access.own_pid = ::getpid() + 1;
  EXPECT_FALSE(asking.refused(access, near.borrow()));
}

TEST(RequestOverTheControlSocket, OfAUserWhoMayBeAnybodyIsRefused) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const UniqueFd near(ends[0]), far(ends[1]);
  const Asking asking("GET", "/", {{"Host", "x"}});
  HttpAccess access = unix_access();
  access.ambiguous_uid = ::geteuid();
  EXPECT_EQ(asking.refused(access, near.borrow())->status, 403U);
  access.ambiguous_uid = ::geteuid() + 1;
  EXPECT_FALSE(asking.refused(access, near.borrow()));
}

TEST(AdminHosts, AreTheAddressLocalhostAndWhatWasNamed) {
  using Hosts = std::vector<std::string>;
  EXPECT_EQ(hosts_of(ip("127.0.0.1", 9900), {}), (Hosts{"127.0.0.1:9900", "localhost:9900"}));
  EXPECT_EQ(hosts_of(ip("::1", 9900), {}), (Hosts{"[::1]:9900", "localhost:9900"}));
  EXPECT_EQ(hosts_of(ip("::1", 80), {}), (Hosts{"[::1]:80", "localhost:80", "[::1]", "localhost"}));
  EXPECT_EQ(hosts_of(ip("0.0.0.0", 9900), {"a.example", "b.example:80", "[fd00::1]"}),
            (Hosts{"0.0.0.0:9900", "localhost:9900", "a.example", "a.example:9900", "b.example:80",
                   "[fd00::1]", "[fd00::1]:9900"}));
}

TEST(AdminToken, IsOneThatCanBeSentAndNotBeGuessed) {
  EXPECT_EQ(find_token(kToken, ""), kToken);
  const std::string invisible = std::string(kToken) + " x";
  for (const std::string& wrong : {std::string(), std::string("short"), std::string(513, 'x'), invisible}) {
    const auto found = find_token(wrong, "");
    ASSERT_FALSE(found) << wrong;
    EXPECT_TRUE(wrong.empty() || found.error().message().find(wrong) == std::string::npos) << "it is told";
  }
}

TEST(AdminToken, MayStandInAFileWithALineEnd) {
  const auto path = std::filesystem::temp_directory_path() / ("amb-token-" + std::to_string(::getpid()));
  for (const char* end : {"", "\n", "\r\n"}) {
    std::ofstream(path) << kToken << end;
    EXPECT_EQ(find_token("", path), kToken);
  }
  for (const std::string& wrong : {std::string(), std::string("\n"), std::string(kToken) + "\nsecond line\n",
                                   std::string(600, 'x'), std::string(1000000, 'x')}) {
    std::ofstream(path) << wrong;
    EXPECT_FALSE(find_token("", path)) << wrong.substr(0, 40);
  }
  std::filesystem::remove(path);
  const auto missing = find_token("", path);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message(),
            "cannot read the token's file " + path.string() + ": No such file or directory");
}

TEST(Secrets, AreTheSameOnlyWhenEveryCharacterIs) {
  EXPECT_TRUE(is_same_secret("abc", "abc"));
  EXPECT_TRUE(is_same_secret("", ""));
  for (const char* other : {"", "a", "abd", "xbc", "abcabc", "abca", "ABC"})
    EXPECT_FALSE(is_same_secret("abc", other)) << other;
  EXPECT_FALSE(is_same_secret("", "a"));
}

}  // namespace
}  // namespace amb
