// SPDX-License-Identifier: Apache-2.0
//
// One variable at a time: what it opens, or the one error that names it. Start is all or nothing, so each row
// is also tried beside a good link, which must not open when the row is wrong.
#include <gtest/gtest.h>

#include <set>

#include "unit/wiring/find.h"
#include "wiring/secrets.h"

namespace amb {
namespace {

struct Pair {
  const char* because;
  std::string name, value;
  std::string link;     ///< "listen > target", empty for a wrong pair.
  std::string problem;  ///< The whole of what is wrong.
};

void PrintTo(const Pair& pair, std::ostream* out) { *out << pair.because; }

Pair good(const char* because, std::string name, std::string value, std::string link) {
  return {because, std::move(name), std::move(value), std::move(link), {}};
}

Pair bad(const char* because, std::string name, std::string value, std::string problem) {
  return {because, std::move(name), std::move(value), {}, std::move(problem)};
}

Pair good_value(const char* because, std::string value, std::string link) {
  return good(because, "X_PORT_80_TCP", std::move(value), std::move(link));
}

Pair bad_value(const char* because, std::string value, std::string problem) {
  return bad(because, "X_PORT_80_TCP", std::move(value), std::move(problem));
}

const std::string kLabel63(63, 'a');
const std::string kName253 = kLabel63 + "." + kLabel63 + "." + kLabel63 + "." + std::string(61, 'b');
const std::string kPath107 = "/" + std::string(106, 'p');

const std::vector<Pair> kPairs = {
    // The name.
    good("the plain form", "REDIS_PORT_6379_TCP", "tcp://10.0.0.1:6379", "[::]:6379 > tcp://10.0.0.1:6379"),
    good("lower case", "redis_port_6379_tcp", "tcp://10.0.0.1:6379", "[::]:6379 > tcp://10.0.0.1:6379"),
    good("mixed case", "Redis_Port_6379_Tcp", "tcp://10.0.0.1:6379", "[::]:6379 > tcp://10.0.0.1:6379"),
    good("the lowest port", "X_PORT_1_TCP", "tcp://h:2", "[::]:1 > tcp://h:2"),
    good("the highest port", "X_PORT_65535_TCP", "tcp://h:2", "[::]:65535 > tcp://h:2"),
    good("zeros in front stay decimal", "X_PORT_0080_TCP", "h", "[::]:80 > tcp://h:80"),
    good("a dash in the alias", "MY-DB_PORT_80_TCP", "h", "[::]:80 > tcp://h:80"),
    good("a dot in the alias", "MY.DB_PORT_80_TCP", "h", "[::]:80 > tcp://h:80"),
    good("a digit as alias", "1_PORT_80_TCP", "h", "[::]:80 > tcp://h:80"),
    good("the alias 'port'", "PORT_PORT_80_TCP", "h", "[::]:80 > tcp://h:80"),
    good("an alias that looks like a link", "A_PORT_1_TCP_PORT_80_TCP", "h", "[::]:80 > tcp://h:80"),
    good("the alias 'env'", "ENV_PORT_80_TCP", "h", "[::]:80 > tcp://h:80"),
    good("an alias that begins with env", "ENVOY_PORT_80_TCP", "h", "[::]:80 > tcp://h:80"),
    good("an alias in UTF-8", "GRÖSSE_PORT_80_TCP", "h", "[::]:80 > tcp://h:80"),
    good("an alias with underscores at its ends", "_X__PORT_80_TCP", "h", "[::]:80 > tcp://h:80"),
    bad("port 0", "X_PORT_0_TCP", "tcp://h:80", "port 0 is out of range in the name"),
    bad("port 65536", "X_PORT_65536_TCP", "tcp://h:80", "port 65536 is out of range in the name"),
    bad("port 99999", "X_PORT_99999_TCP", "tcp://h:80", "port 99999 is out of range in the name"),
    bad("a port beyond any integer", "X_PORT_99999999999999999999_TCP", "tcp://h:80",
        "port 99999999999999999999 is out of range in the name"),
    bad("a letter behind the port", "X_PORT_6379a_TCP", "tcp://h:80",
        "port '6379a' is not a number in the name"),
    bad("a hexadecimal port", "X_PORT_0x50_TCP", "tcp://h:80", "port '0x50' is not a number in the name"),
    bad("a negative port", "X_PORT_-1_TCP", "tcp://h:80", "port '-1' is not a number in the name"),
    bad("a signed port", "X_PORT_+80_TCP", "tcp://h:80", "port '+80' is not a number in the name"),
    bad("an empty port", "X_PORT__TCP", "tcp://h:80", "the port is empty in the name"),
    bad("a range of ports", "X_PORT_80-90_TCP", "tcp://h:80", "port '80-90' is not a number in the name"),
    bad("a service's name for a port", "X_PORT_HTTP_TCP", "tcp://h:80",
        "port 'HTTP' is not a number in the name"),
    bad("a space behind the port", "X_PORT_80 _TCP", "tcp://h:80", "port '80 ' is not a number in the name"),
    bad("no alias", "_PORT_80_TCP", "tcp://h:80", "no name stands before _PORT_"),

    // Hosts.
    good_value("IPv4", "tcp://192.168.1.52:81", "[::]:80 > tcp://192.168.1.52:81"),
    good_value("the highest IPv4", "tcp://255.255.255.254:81", "[::]:80 > tcp://255.255.255.254:81"),
    good_value("a short name", "tcp://redis:81", "[::]:80 > tcp://redis:81"),
    good_value("a name with dots", "tcp://redis.example.com:81", "[::]:80 > tcp://redis.example.com:81"),
    good_value("names have no case", "tcp://Redis.Example.COM:81", "[::]:80 > tcp://redis.example.com:81"),
    good_value("Docker's names have underscores", "tcp://app_db_1:81", "[::]:80 > tcp://app_db_1:81"),
    good_value("a name with digits only in one part", "tcp://redis.1:81", "[::]:80 > tcp://redis.1:81"),
    good_value("a name that begins with a digit", "tcp://3f2a9c:81", "[::]:80 > tcp://3f2a9c:81"),
    good_value("the root spelled out", "tcp://redis.example.com.:81",
               "[::]:80 > tcp://redis.example.com.:81"),
    good_value("one letter", "tcp://h:81", "[::]:80 > tcp://h:81"),
    good_value("a label of 63 characters", "tcp://" + kLabel63 + ":81",
               "[::]:80 > tcp://" + kLabel63 + ":81"),
    good_value("a name of 253 characters", "tcp://" + kName253 + ":81",
               "[::]:80 > tcp://" + kName253 + ":81"),
    good_value("[IPv6]:port", "tcp://[fd00::1]:81", "[::]:80 > tcp://[fd00::1]:81"),
    good_value("[IPv6] alone", "tcp://[fd00::1]", "[::]:80 > tcp://[fd00::1]:80"),
    good_value("[::1]", "tcp://[::1]:6379", "[::]:80 > tcp://[::1]:6379"),
    good_value("IPv6 in one spelling", "tcp://[FD00:0:0::0001]:81", "[::]:80 > tcp://[fd00::1]:81"),
    good_value("bare IPv6 with a port", "tcp://fd00::1:6379", "[::]:80 > tcp://[fd00::1]:6379"),
    good_value("bare IPv6 in full", "tcp://1:2:3:4:5:6:7:8", "[::]:80 > tcp://[1:2:3:4:5:6:7:8]:80"),
    good_value("bare IPv6 in full, with a port", "tcp://1:2:3:4:5:6:7:8:9",
               "[::]:80 > tcp://[1:2:3:4:5:6:7:8]:9"),
    good_value("bare IPv6 that cannot be split", "tcp://::2", "[::]:80 > tcp://[::2]:80"),
    good_value("bare IPv6 that ends in letters", "tcp://fd00::abcd", "[::]:80 > tcp://[fd00::abcd]:80"),
    good_value("IPv4 mapped into IPv6 is IPv4", "tcp://[::ffff:10.0.0.1]:81", "[::]:80 > tcp://10.0.0.1:81"),
    good_value("UNIX socket", "unix:///run/redis.sock", "[::]:80 > unix:///run/redis.sock"),
    good_value("UNIX in any case", "UNIX:///run/redis.sock", "[::]:80 > unix:///run/redis.sock"),
    good_value("a UNIX path of 107 bytes", "unix://" + kPath107, "[::]:80 > unix://" + kPath107),
    good_value("an abstract UNIX socket", "unix:@redis", "[::]:80 > unix:@redis"),
    good_value("an abstract UNIX socket with slashes", "unix://@/run/redis", "[::]:80 > unix:@/run/redis"),
    good_value("a UNIX path with an @", "unix:///run/me@host.sock", "[::]:80 > unix:///run/me@host.sock"),
    good_value("a UNIX path in another spelling", "unix:///run//./x,unix:///run/x",
               "[::]:80 > unix:///run/x"),
    bad_value("an abstract UNIX socket without a name", "unix:@", "the abstract name is empty"),
    bad_value("an abstract UNIX socket with a space", "unix:@a b", "abstract name '@a b' holds ' '"),
    bad_value("an empty host", "tcp://:6379", "the host is empty"),
    bad_value("an empty host without port", "tcp://", "the host is empty"),
    bad_value("a slash instead of two", "tcp:/x", "port '/x' is not a number"),
    bad_value("no slashes", "tcp:x", "port 'x' is not a number"),
    bad_value("300 characters", "tcp://" + std::string(300, 'a') + ":80",
              "host name of 300 characters is longer than 253"),
    bad_value("a label of 64", "tcp://" + kLabel63 + "a:80",
              "host name has a part longer than 63 characters"),
    bad_value("two dots", "tcp://redis..com:80", "host 'redis..com' has an empty part between dots"),
    bad_value("a dot in front", "tcp://.redis:80", "host '.redis' has an empty part between dots"),
    bad_value("a dot alone", "tcp://.:80", "host '.' has an empty part between dots"),
    bad_value("IPv4 out of range", "tcp://10.0.0.256:80",
              "host '10.0.0.256' is neither a name nor an IPv4 address"),
    bad_value("IPv4 in three parts", "tcp://127.0.1:80",
              "host '127.0.1' is neither a name nor an IPv4 address"),
    bad_value("IPv4 as one number", "tcp://2130706433:80",
              "host '2130706433' is neither a name nor an IPv4 address"),
    bad_value("IPv4 in hexadecimal", "tcp://0x7f.0.0.1:80",
              "host '0x7f.0.0.1' is neither a name nor an IPv4 address"),
    bad_value("IPv4 in brackets", "tcp://[10.0.0.1]:80", "'[10.0.0.1]' is not an IPv6 address"),
    bad_value("a name in brackets", "tcp://[redis]:80", "'[redis]' is not an IPv6 address"),
    bad_value("empty brackets", "tcp://[]:80", "'[]' is not an IPv6 address"),
    bad_value("a bracket too few", "tcp://[fd00::1:80", "'[' without ']' in '[fd00::1:80'"),
    bad_value("a bracket too many", "tcp://fd00::1]:80",
              "'fd00::1]:80' is neither a name nor an IPv6 address"),
    bad_value("something behind the bracket", "tcp://[fd00::1]80", "'80' follows the ']'"),
    bad_value("no IPv6 after all", "tcp://a:b:80", "'a:b:80' is neither a name nor an IPv6 address"),
    bad_value("bare IPv6 with a port out of range", "tcp://fd00::1:99999", "port 99999 is out of range"),
    bad_value("an IPv6 zone", "tcp://[fe80::1%eth0]:80", "'[fe80::1%eth0]' is not an IPv6 address"),
    bad_value("the cloud's metadata service", "tcp://169.254.169.254:80",
              "link-local addresses such as 169.254.169.254 are refused"),
    bad_value("the same, mapped", "tcp://[::ffff:169.254.169.254]:80",
              "link-local addresses such as 169.254.169.254 are refused"),
    bad_value("IPv6 link-local", "tcp://[fe80::1]:80", "link-local addresses such as fe80::1 are refused"),
    bad_value("a user", "tcp://me@redis:80", "a target names a user or a password, which is not shown"),
    bad_value("an umlaut", "tcp://größe:80", "host 'größe' holds 'öß'"),
    bad_value("binary", "tcp://\x01\xff:80", "host '\\x01\\xff' holds '\\x01\\xff'"),
    bad_value("a space in the host", "tcp://red is:80", "host 'red is' holds ' '"),
    good_value("a space in front", " tcp://redis:80", "[::]:80 > tcp://redis:80"),
    bad_value("a space behind a comma", "a, tcp://redis:80", "scheme ' tcp' is not supported"),
    bad_value("a UNIX path that is not absolute", "unix://run/x", "'run/x' is not an absolute path"),
    bad_value("no UNIX path", "unix://", "'' is not an absolute path"),
    bad_value("a UNIX directory", "unix:///run/", "'/run/' is a directory"),
    bad_value("a UNIX path of 108 bytes", "unix://" + kPath107 + "x",
              "a path of 108 bytes is too long for a UNIX socket"),
    bad_value("a UNIX path with a space", "unix:///run/a b", "path '/run/a b' holds ' '"),

    // Ports, schemes and what surrounds them.
    good_value("no scheme", "redis:81", "[::]:80 > tcp://redis:81"),
    good_value("no port", "tcp://redis", "[::]:80 > tcp://redis:80"),
    good_value("neither", "redis", "[::]:80 > tcp://redis:80"),
    good_value("an address alone", "10.0.0.1", "[::]:80 > tcp://10.0.0.1:80"),
    good_value("the scheme in capitals", "TCP://redis:81", "[::]:80 > tcp://redis:81"),
    good_value("a trailing slash", "tcp://redis:81/", "[::]:80 > tcp://redis:81"),
    good_value("a trailing slash without port", "tcp://redis/", "[::]:80 > tcp://redis:80"),
    good_value("two names", "tcp://a:81,tcp://b:82", "[::]:80 > tcp://a:81,tcp://b:82"),
    good_value("two targets of several kinds", "10.0.0.1,unix:///x", "[::]:80 > tcp://10.0.0.1:80,unix:///x"),
    good_value("the same target twice is one", "tcp://a:81,tcp://A:81", "[::]:80 > tcp://a:81"),
    good_value("slashes before commas", "tcp://a:81/,tcp://b:82/", "[::]:80 > tcp://a:81,tcp://b:82"),
    good_value("zeros in front of the target's port", "tcp://a:0081", "[::]:80 > tcp://a:81"),
    bad_value("an empty value", "", "the value is empty"),
    bad_value("target port 0", "tcp://redis:0", "port 0 is out of range"),
    bad_value("target port 65536", "tcp://redis:65536", "port 65536 is out of range"),
    bad_value("target port 6379a", "tcp://redis:6379a", "port '6379a' is not a number"),
    bad_value("an empty target port", "tcp://redis:", "the port is empty"),
    good_value("a space behind the port", "tcp://redis:80 ", "[::]:80 > tcp://redis:80"),
    good_value("the carriage return of a file from elsewhere", "tcp://redis:80\r",
               "[::]:80 > tcp://redis:80"),
    good_value("the line end of echo", "tcp://redis:80\n", "[::]:80 > tcp://redis:80"),
    bad_value("a space before a comma", "tcp://redis:80 ,b", "port '80 ' is not a number"),
    bad_value("http", "http://redis:80", "scheme 'http' is not supported"),
    bad_value("https", "https://redis:80/", "scheme 'https' is not supported"),
    bad_value("redis", "redis://redis:6379", "scheme 'redis' is not supported"),
    bad_value("an empty scheme", "://redis:80", "scheme '' is not supported"),
    bad_value("a doubled scheme", "tcp://tcp://redis:80",
              "'tcp://redis:80' is neither a name nor an IPv6 address"),
    bad_value("UDP under a TCP name", "udp://redis:80", "the name says TCP but the value says UDP"),
    bad_value("SCTP under a TCP name", "sctp://redis:80", "the name says TCP but the value says SCTP"),
    bad_value("a path", "tcp://redis:80/0", "port '80/0' is not a number"),
    bad_value("two slashes", "tcp://redis:80//", "port '80/' is not a number"),
    bad_value("a fragment", "tcp://redis:80#x", "port '80#x' is not a number"),
    bad_value("a comma at the end", "tcp://a:80,", "a target is empty"),
    bad_value("a comma in front", ",tcp://a:80", "a target is empty"),
    bad_value("a space behind the comma", "tcp://a:80, tcp://b:80", "scheme ' tcp' is not supported"),
    bad_value("one wrong target of two", "tcp://a:80,tcp://b:0", "port 0 is out of range"),
    bad_value("quotes of a shell", "\"tcp://a:80\"", "scheme '\\\"tcp' is not supported"),

    // Options.
    good_value("an option", "tcp://a:81?connect_timeout=2s", "[::]:80 > tcp://a:81"),
    good_value("options behind a slash", "tcp://a:81/?idle_timeout=0&dead_peer=30", "[::]:80 > tcp://a:81"),
    good_value("no options", "tcp://a:81?", "[::]:80 > tcp://a:81"),
    good_value("listen on an address", "tcp://a:81?listen=127.0.0.1", "127.0.0.1:80 > tcp://a:81"),
    good_value("listen on an address and port", "a?listen=127.0.0.1:90", "127.0.0.1:90 > tcp://a:80"),
    good_value("listen as a URL", "a?listen=tcp://127.0.0.1:90", "127.0.0.1:90 > tcp://a:80"),
    good_value("listen on IPv6", "a?listen=tcp://[::1]:90", "[::1]:90 > tcp://a:80"),
    good_value("listen on a UNIX path only", "a?listen=unix:///run/x", "unix:/run/x > tcp://a:80"),
    good_value("listen twice", "a?listen=127.0.0.1&listen=unix:///x", "127.0.0.1:80,unix:/x > tcp://a:80"),
    good_value("listen on an abstract name", "a?listen=unix:@x", "unix:@x > tcp://a:80"),
    good_value("UNIX to UNIX", "unix:///a?listen=unix:///b", "unix:/b > unix:///a"),
    good_value("an encoded option", "a?listen=tcp%3A%2F%2F127.0.0.1%3A90", "127.0.0.1:90 > tcp://a:80"),
    bad_value("an unknown option", "a?conect_timeout=1s",
              "option 'conect_timeout' is not known; did you mean connect_timeout?"),
    bad_value("no duration", "a?connect_timeout=fast", "option connect_timeout: 'fast' is not a duration"),
    bad_value("no value", "a?connect_timeout", "option connect_timeout: '' is not a duration"),
    bad_value("a duration of nothing", "a?connect_timeout=0",
              "option connect_timeout: a duration of 0 would end everything at once"),
    bad_value("listen on a name", "a?listen=redis",
              "option listen: 'redis' is a name, not an address to listen on"),
    bad_value("listen on UDP", "a?listen=udp://127.0.0.1:53",
              "option listen: 'udp://127.0.0.1:53' has a scheme that nothing listens with"),
    bad_value("a broken escape", "a?listen=%zz", "the options 'listen=%zz' are not a URL query"),
    good_value("values with equals signs", "a?health=tcp&on_down=drain=30s&unavailable=hold=5s",
               "[::]:80 > tcp://a:80"),
    good_value("a check of a path", "a?health=http:///healthz&health_jitter=30%", "[::]:80 > tcp://a:80"),
    bad_value("an unknown policy", "a?policy=round-robin",
              "option policy: 'round-robin' is no policy; did you mean round_robin?"),
    bad_value("an unknown check", "a?health=redis_primary",
              "option health: 'redis_primary' is no check; did you mean redis-primary?"),
    bad_value("an unknown unit", "a?max_ttl=5w", "option max_ttl: '5w' is not a duration"),
    bad_value("a line end in a password", "a?health=redis&health_password=x%0D%0AFLUSHALL",
              "option health_password: it holds a control character"),
    bad_value("a contradiction between two targets", "a?dead_peer=1s,b?dead_peer=2s",
              "option dead_peer is given as 1s and as 2s"),
};

class EnvironmentPair : public testing::TestWithParam<Pair> {};

TEST_P(EnvironmentPair, OpensExactlyItsListenersOrIsOneErrorThatNamesIt) {
  const Pair& pair = GetParam();
  const Findings findings = test::find({{pair.name, pair.value}});
  if (pair.problem.empty()) {
    EXPECT_EQ(test::problems_of(findings), std::vector<std::string>{}) << pair.because;
    EXPECT_EQ(test::links_of(findings), std::vector<std::string>{pair.link}) << pair.because;
  } else {
    EXPECT_EQ(test::problems_of(findings),
              std::vector<std::string>{"variable " + pair.name + ": " + pair.problem})
        << pair.because;
    ASSERT_FALSE(findings.problems.empty());
    EXPECT_EQ(findings.problems[0].value, mask_secrets(pair.value)) << pair.because;
    EXPECT_NE(findings.problems[0].accepted, "") << pair.because;
  }
}

TEST_P(EnvironmentPair, StopsEverythingIfWrong) {
  const Pair& pair = GetParam();
  const Findings findings = test::find({{"GOOD_PORT_7_TCP", "tcp://good:7"}, {pair.name, pair.value}});
  EXPECT_EQ(test::links_of(findings).size(), pair.problem.empty() ? 2U : 0U) << pair.because;
  EXPECT_EQ(test::fate_of(findings, "GOOD_PORT_7_TCP"), "link") << pair.because;
}

INSTANTIATE_TEST_SUITE_P(Pairs, EnvironmentPair, testing::ValuesIn(kPairs));

TEST(EnvironmentPairs, AreAtLeast120DifferentOnes) {
  std::set<std::pair<std::string, std::string>> different;
  for (const auto& pair : kPairs) different.emplace(pair.name, pair.value);
  EXPECT_EQ(different.size(), kPairs.size());
  EXPECT_GE(different.size(), 120U);
}

TEST(EnvironmentPairs, EveryProblemIsToldInOneGo) {
  const Findings findings =
      test::find({{"A_PORT_0_TCP", "http://x"}, {"B_PORT_80_TCP", "tcp://a:0,b;c?nope=1"}});
  EXPECT_EQ(test::problems_of(findings),
            (std::vector<std::string>{"variable A_PORT_0_TCP: port 0 is out of range in the name",
                                      "variable A_PORT_0_TCP: scheme 'http' is not supported",
                                      "variable B_PORT_80_TCP: port 0 is out of range",
                                      "variable B_PORT_80_TCP: host 'b;c' holds ';'",
                                      "variable B_PORT_80_TCP: option 'nope' is not known"}));
}

TEST(EnvironmentPairs, NamesThatAreNoLinksAreLeftAlone) {
  for (const auto* name :
       {"PORT_80_TCP", "X_PORT_80", "X_PORT_80_HTTP", "X_PORT_80_TCP6", "XPORT_80_TCP", "X_80_TCP",
        "X_PORT_80_TCP_ADDR", "X_PORT_80_TCP_", "SUPPORT_80_TCP", "X_PORT_METRICS_TCP", "X_PORT"}) {
    const Findings findings = test::find({{"GOOD_PORT_7_TCP", "tcp://good:7"}, {name, "9121"}});
    EXPECT_EQ(findings.candidates.size(), 1U) << name;
    EXPECT_EQ(test::links_of(findings).size(), 1U) << name;
  }
}

}  // namespace
}  // namespace amb
