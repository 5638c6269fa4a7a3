// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace amb::sim {

/// How many bytes there is room for in the buffers that exist for what a sink refused, whoever has them.
std::size_t kept_memory();

}  // namespace amb::sim
