// SPDX-License-Identifier: Apache-2.0
#include "proxy/receive_buffer.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

TEST(ReceiveBuffer, ReadsBehindWhatIsKeptUntilItIsReleased) {
  ReceiveBuffer buffer;
  const std::byte* start = buffer.free_part().data();
  EXPECT_TRUE(buffer.keep(100));
  EXPECT_EQ(buffer.free_part().data(), start + 100);
  buffer.release();
  EXPECT_EQ(buffer.free_part().data(), start);
}

TEST(ReceiveBuffer, HasRoomForTheLargestReadHoweverMuchIsKept) {
  ReceiveBuffer buffer;
  while (buffer.keep(1000)) {
  }
  EXPECT_GE(buffer.free_part().size(), ReceiveBuffer::kLargestReadBytes);
  EXPECT_TRUE(buffer.keep(1)) << "what did not fit took no room";
}

}  // namespace
}  // namespace amb
