// SPDX-License-Identifier: Apache-2.0
#include "net/unsent.h"

#include <gtest/gtest.h>

#include "unit/support/sockets.h"

namespace amb {
namespace {

using test::connected_pair;
using test::eventually;
using test::TcpPair;

constexpr const char* kHeading =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

// Port 6379 is 18EB, port 40000 is 9C40.
struct Table {
  const char* row;
  std::size_t expected;
  const char* because;
};

void PrintTo(const Table& one, std::ostream* out) { *out << one.because; }

class CountUnsent : public testing::TestWithParam<Table> {};

TEST_P(CountUnsent, CountsClosedSocketsThatStillSend) {
  EXPECT_EQ(count_unsent(std::string(kHeading) + GetParam().row + "\n", {6379, 80}), GetParam().expected)
      << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, CountUnsent,
    testing::Values(Table{"   0: 0100007F:18EB 0100007F:9C40 04 00000010:00000000 01:00000015 00000000     0 "
                          "       0 0 3 0",
                          1, "FIN_WAIT1, sixteen bytes, our listener's port"},
                    Table{"   0: 0100007F:9C40 0100007F:18EB 04 00000010:00000000 01:00000015 00000000     0 "
                          "       0 0 3 0",
                          1, "the same towards an upstream"},
                    Table{"   0: 0100007F:18EB 0100007F:9C40 09 00000001:00000000 01:00000015 00000000     0 "
                          "       0 0 3 0",
                          1, "LAST_ACK, its FIN alone"},
                    Table{"   0: 0100007F:18EB 0100007F:9C40 0B 00000001:00000000 01:00000015 00000000     0 "
                          "       0 0 3 0",
                          1, "CLOSING"},
                    Table{"   0: 0100007F:18EB 0100007F:9C40 04 00000010:00000000 01:00000015 00000000     0 "
                          "       0 4711 3 0",
                          0, "somebody still holds it"},
                    Table{"   0: 0100007F:18EB 0100007F:9C40 05 00000000:00000000 03:00000015 00000000     0 "
                          "       0 0 3 0",
                          0, "FIN_WAIT2: the peer has everything"},
                    Table{"   0: 0100007F:18EB 0100007F:9C40 04 00000000:00000010 01:00000015 00000000     0 "
                          "       0 0 3 0",
                          0, "what waits to be read is not what waits to be sent"},
                    Table{"   0: 0100007F:18EB 0100007F:9C40 01 00000010:00000000 01:00000015 00000000     0 "
                          "       0 0 3 0",
                          0, "established"},
                    Table{"   0: 0100007F:18EC 0100007F:9C40 04 00000010:00000000 01:00000015 00000000     0 "
                          "       0 0 3 0",
                          0, "somebody else's ports"},
                    Table{"   0: 0100007F:18EB 0100007F:9C40 06 00000000:00000000 03:000014F8 00000000     0 "
                          "       0 0 3 0",
                          0, "TIME_WAIT"},
                    Table{"   0: 00000000000000000000000001000000:0050 00000000000000000000000001000000:9C40 "
                          "04 000000FF:00000000 "
                          "01:00000015 00000000     0        0 0 3 0",
                          1, "tcp6 has longer addresses"},
                    Table{"   0: 0100007F:18EB", 0, "half a line"}, Table{"", 0, "an empty line"},
                    Table{"complete and utter nonsense with quite a few words in it though", 0,
                          "no table at all"}));

TEST(CountUnsentRows, AddUp) {
  const std::string row =
      "   0: 0100007F:18EB 0100007F:9C40 04 00000010:00000000 01:00000015 00000000     0        0 0 3 0\n";
  EXPECT_EQ(count_unsent(kHeading + row + row + row, {6379}), 3U);
  EXPECT_EQ(count_unsent(kHeading + row + row, {}), 0U);
  EXPECT_EQ(count_unsent("", {6379}), 0U);
}

TEST(UnsentSockets, SeeAClosedSocketUntilItsPeerHasReadEverything) {
  TcpPair pair = connected_pair();
  const std::uint16_t port = local_address(pair.far.borrow()).port();
  const std::size_t sent = test::fill(pair.near.borrow());
  EXPECT_EQ(unsent_sockets({port}), 0U) << "we still hold it";
  pair.near.reset();
  EXPECT_EQ(unsent_sockets({port}), 1U);
  EXPECT_EQ(unsent_sockets({}), 0U);
  EXPECT_EQ(test::receive_text(pair.far.borrow()).size(), sent);
  EXPECT_TRUE(eventually([&] { return unsent_sockets({port}) == 0; }));
}

TEST(UnsentSockets, DoNotWaitForAPeerThatHasEverything) {
  TcpPair pair = connected_pair();
  const std::uint16_t port = local_address(pair.far.borrow()).port();
  test::send_text(pair.near.borrow(), "all of it");
  pair.near.reset();
  EXPECT_TRUE(eventually([&] { return unsent_sockets({port}) == 0; })) << "unread, but acknowledged";
}

}  // namespace
}  // namespace amb
