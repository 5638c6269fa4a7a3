// SPDX-License-Identifier: Apache-2.0
//
// Bytes arrive in order and complete whatever the sizes they were written in, and small ones are not held
// back.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

TEST(AnyChunkSize, OneByteWritesArriveInOrder) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  std::string sent;
  for (int i = 0; i < 4096; ++i) {
    const std::string byte(1, static_cast<char>('a' + i % 26));
    consumer.sends(byte);
    sent += byte;
  }
  consumer.ends();
  service.expects(sent);
  service.expects_end();
}

TEST(AnyChunkSize, OddChunksArriveInOrder) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  for (const std::size_t size :
       {1UL, 2UL, 3UL, 7UL, 31UL, 509UL, 4093UL, 16384UL, 65536UL, 262145UL, 1048583UL}) {
    std::thread sender([&] { consumer.sends_pattern(size, size); });
    service.expects_pattern(size, size);
    sender.join();
  }
}

TEST(AnyChunkSize, EveryQuestionGetsItsAnswer) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  for (int i = 0; i < 200; ++i) {
    consumer.sends("ping");
    service.expects("ping");
    service.sends("pong");
    consumer.expects("pong");
  }
}

TEST(AnyChunkSize, SixtyFourMebibytesCrossBothWaysAtOnce) {
  constexpr std::size_t kBytes = 64U << 20;
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  std::thread up([&] { consumer.sends_pattern(1, kBytes), consumer.ends(); });
  std::thread down([&] { service.sends_pattern(2, kBytes), service.ends(); });
  std::thread reader([&] { service.expects_pattern(1, kBytes), service.expects_end(); });
  consumer.expects_pattern(2, kBytes);
  consumer.expects_end();
  up.join();
  down.join();
  reader.join();
}

}  // namespace
}  // namespace amb::test
