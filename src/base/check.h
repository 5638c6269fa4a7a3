// SPDX-License-Identifier: Apache-2.0
//
// AMB_CHECK(condition) aborts with file and line in every build when one of our own invariants is broken.
#pragma once

#include <cstdio>
#include <cstdlib>

#define AMB_CHECK(condition)                                                                 \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
