// SPDX-License-Identifier: Apache-2.0
//
// Memory that cannot be had ends the program: nobody catches std::bad_alloc, since a worker that goes on
// without what it asked for could only guess. The restart is the supervisor's, Docker's or systemd's.
#include <gtest/gtest.h>

#include "faults/injection.h"
#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

void serve_without_memory() {
  Provider provider;
  RunningLink link(provider.address());
  run_out_of_memory();
  const Peer consumer = Peer::connect_to(link.address());
  (void)eventually([] { return false; });
}

TEST(OutOfMemory, EndsTheProgramAtOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(serve_without_memory(), "bad_alloc");
}

}  // namespace
}  // namespace amb::test
