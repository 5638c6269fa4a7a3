// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_hello.h"

#include <gtest/gtest.h>

#include "support/client_hello.h"

namespace amb {
namespace {

using test::ClientHello;

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(TlsHello, TellsTheNameAndTheProtocols) {
  const std::string record =
      ClientHello{.server_name = "db.example", .protocols = {"h2", "http/1.1"}}.record();
  const TlsHello hello = read_tls_hello(bytes(record));
  EXPECT_EQ(hello.server_name, "db.example");
  EXPECT_EQ(hello.protocols, "h2,http/1.1");
}

TEST(TlsHello, IsEmptyWhereTheClientSaysNeither) {
  EXPECT_TRUE(read_tls_hello(bytes(ClientHello{}.record())).is_empty());
}

TEST(TlsHello, ReadsPastALargeKeyShare) {
  const std::string record = ClientHello{.server_name = "db.example", .padding = 1216}.record();
  EXPECT_EQ(read_tls_hello(bytes(record)).server_name, "db.example");
}

TEST(TlsHello, CutsWhatIsLongerThanANameCanBe) {
  const std::string record = ClientHello{.server_name = std::string(4000, 'x')}.record();
  EXPECT_EQ(read_tls_hello(bytes(record)).server_name, std::string(TlsHello::kMostServerName, 'x'));
}

TEST(TlsHello, KeepsTheFirstOfManyProtocols) {
  const std::string record = ClientHello{.protocols = std::vector<std::string>(100, "spdy/3.1")}.record();
  const std::string protocols = read_tls_hello(bytes(record)).protocols;
  EXPECT_LE(protocols.size(), TlsHello::kMostProtocols);
  EXPECT_TRUE(protocols.starts_with("spdy/3.1,spdy/3.1,"));
  EXPECT_TRUE(protocols.ends_with("spdy/3.1"));
}

TEST(TlsHello, GivesWhatIsThereOfOneThatIsCutShort) {
  const std::string record = ClientHello{.server_name = "db.example", .protocols = {"h2"}}.record();
  for (std::size_t size = 0; size <= record.size(); ++size) {
    const TlsHello hello = read_tls_hello(bytes(std::string_view(record).substr(0, size)));
    EXPECT_TRUE(std::string_view("db.example").starts_with(hello.server_name)) << size;
    EXPECT_TRUE(std::string_view("h2").starts_with(hello.protocols)) << size;
  }
}

TEST(TlsHello, SaysHowLongItsRecordIs) {
  const std::string record = ClientHello{.server_name = "db.example"}.record();
  EXPECT_EQ(tls_record_size(bytes(record)), record.size());
  EXPECT_EQ(tls_record_size(bytes(std::string_view(record).substr(0, 5))), record.size());
  EXPECT_EQ(tls_record_size(bytes(std::string_view(record).substr(0, 4))), 0U);
}

TEST(TlsHello, ReadsNothingBehindItsRecord) {
  std::string record = ClientHello{}.record();
  record += ClientHello{.server_name = "other.example"}.record();
  EXPECT_TRUE(read_tls_hello(bytes(record)).is_empty());
}

}  // namespace
}  // namespace amb
