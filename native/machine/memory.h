// What the machine has left for a run.
#pragma once

#include <cstddef>

namespace impasto {

// Bytes that this process may still take without driving the machine or its container (cgroup v1,
// v2) out of memory; the largest number when that cannot be found out.
std::size_t free_memory();

}  // namespace impasto
