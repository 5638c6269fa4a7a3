// SPDX-License-Identifier: Apache-2.0
#include "discovery/fair_share.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;

struct Shared {
  std::vector<std::size_t> wanted;
  std::size_t most, share;
  const char* because;
};

void PrintTo(const Shared& one, std::ostream* out) { *out << one.because; }

class FairShare : public testing::TestWithParam<Shared> {};

TEST_P(FairShare, LeavesRoomForWhoAsksForLittle) {
  EXPECT_EQ(fair_share(GetParam().wanted, GetParam().most), GetParam().share) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(Cases, FairShare,
                         testing::Values(Shared{{}, 10, 10, "nobody wants any"},
                                         Shared{{3, 3, 3}, 10, 10, "there is enough"},
                                         Shared{{20}, 10, 10, "all of it for one"},
                                         Shared{{2, 20}, 10, 8, "the modest one gets all it wants"},
                                         Shared{{20, 2}, 10, 8, "wherever it stands"},
                                         Shared{{20, 20, 1}, 10, 4, "the others share alike"},
                                         Shared{{5, 5, 5}, 10, 3, "a rest is left over"},
                                         Shared{{1, 1, 1}, 2, 1, "at least one each"}));

std::vector<SocketAddress> crowd(unsigned first, unsigned count) {
  std::vector<SocketAddress> all;
  for (unsigned i = first; i < first + count; ++i) all.push_back(ip("10.0.0." + std::to_string(i), 80));
  return all;
}

TEST(KeepSame, KeepsTheSameOnesHoweverTheServerTurnsThem) {
  std::vector<SocketAddress> one = crowd(1, 20), turned = crowd(1, 20);
  std::ranges::rotate(turned, turned.begin() + 7);
  keep_same(one, 6);
  keep_same(turned, 6);
  EXPECT_EQ(one.size(), 6U);
  EXPECT_TRUE(std::ranges::is_permutation(one, turned));
}

TEST(KeepSame, KeepsTheirOrder) {
  std::vector<SocketAddress> all = crowd(1, 9);
  std::ranges::reverse(all);
  keep_same(all, 3);
  EXPECT_EQ(all, (std::vector{ip("10.0.0.3", 80), ip("10.0.0.2", 80), ip("10.0.0.1", 80)}));
}

TEST(KeepSame, LeavesAloneWhatFits) {
  std::vector<SocketAddress> all = crowd(1, 3);
  keep_same(all, 3);
  EXPECT_EQ(all, crowd(1, 3));
}

}  // namespace
}  // namespace amb
