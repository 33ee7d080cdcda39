// What the control groups of Linux (cgroup v1, v2) leave a process: containers and services have
// their limits there, and the machine's own figures do not show them.
#pragma once

#include <cstddef>
#include <limits>
#include <string>

namespace impasto {

inline constexpr std::size_t kNoMemoryLimit = std::numeric_limits<std::size_t>::max();

// Where the kernel shows them; elsewhere in tests. Where nothing is, nothing is limited.
struct CgroupFiles {
  std::string mount = "/sys/fs/cgroup";
  std::string groups = "/proc/self/cgroup";  // those of this process
};

// Bytes until the nearest limit, with what the kernel would give back; kNoMemoryLimit without one.
std::size_t cgroup_free_memory(const CgroupFiles& files = {});

// Processors' worth of time that may be taken; infinity without a limit.
double cgroup_processors(const CgroupFiles& files = {});

}  // namespace impasto
