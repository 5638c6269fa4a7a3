// SPDX-License-Identifier: Apache-2.0
#include "base/slab.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

namespace amb {
namespace {

struct alignas(64) Counted {
  Counted(int& living, int number) : count(living), value(number) { ++count; }
  ~Counted() { --count; }
  int& count;
  int value;
};

TEST(Slab, MakesObjectsThatStayWhereTheyAre) {
  int living = 0;
  Slab<Counted> slab;
  std::vector<Counted*> made;
  for (int i = 0; i < 1000; ++i) made.push_back(&slab.make(living, i));
  EXPECT_EQ(living, 1000);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(made[static_cast<std::size_t>(i)]->value, i);
  EXPECT_EQ(std::set(made.begin(), made.end()).size(), 1000U) << "no two share a place";
  for (Counted* object : made) slab.free(*object);
  EXPECT_EQ(living, 0);
}

TEST(Slab, AlignsWhatAsksForIt) {
  int living = 0;
  Slab<Counted> slab;
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&slab.make(living, i)) % alignof(Counted), 0U);
  }
}

TEST(Slab, UsesTheSameMemoryAgain) {
  int living = 0;
  Slab<Counted> slab;
  std::set<Counted*> places;
  std::vector<Counted*> open;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 64; ++i) {
      open.push_back(&slab.make(living, i));
      places.insert(open.back());
    }
    for (Counted* object : open) slab.free(*object);
    open.clear();
  }
  EXPECT_EQ(places.size(), 64U) << "never more than were alive at once";
}

TEST(Slab, KeepsApartWhatIsFreedAndMadeInAnyOrder) {
  int living = 0;
  Slab<Counted> slab;
  std::vector<Counted*> open;
  std::uint32_t random = 1;
  for (int step = 0; step < 20000; ++step) {
    random = random * 1664525 + 1013904223;
    if (open.empty() || random >> 31 == 0) {
      open.push_back(&slab.make(living, step));
    } else {
      std::swap(open[(random >> 8) % open.size()], open.back());
      slab.free(*open.back());
      open.pop_back();
    }
    ASSERT_EQ(static_cast<std::size_t>(living), open.size());
  }
  EXPECT_EQ(std::set(open.begin(), open.end()).size(), open.size());
}

}  // namespace
}  // namespace amb
