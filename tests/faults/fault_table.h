// SPDX-License-Identifier: Apache-2.0
//
// What is swept: every call of the data plane, how it can go wrong, and whether a session may suffer.
#pragma once

#include <vector>

#include "faults/fault.h"

namespace amb::test {

enum class Harm : std::uint8_t {
  none,    ///< Everything arrives as if nothing had happened.
  breaks,  ///< A session may break, visibly and for a listed reason.
};

struct Row {
  Call call;
  Effect effect;
  std::vector<int> errors;
  std::vector<Span> spans;
  Harm harm;
};

/// The whole table.
const std::vector<Row>& fault_table();

/// Its rows for one call.
std::vector<Row> rows_of(Call call);

/// Whether `call` is made at all when everything is copied.
bool needs_splicing(Call call);

}  // namespace amb::test
