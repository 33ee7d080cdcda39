#include "machine/memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#if defined(__APPLE__)
#include <mach/mach.h>
#elif defined(_WIN32)
#include <windows.h>
#endif

namespace impasto {
namespace {

constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();

#if defined(__linux__)

// The number after `name` in a file of "name number" lines, in its own unit.
std::size_t field(const char* path, const std::string& name) {
  std::ifstream file(path);
  std::string key;
  std::size_t value = 0;
  std::string rest;
  while (file >> key >> value) {
    if (key == name) return value;
    std::getline(file, rest);
  }
  return kUnknown;
}

std::size_t number(const std::string& path) {
  std::ifstream file(path);
  std::size_t value = 0;
  return file >> value ? value : kUnknown;  // "max" is no number
}

// limit − used + what the kernel would give back (page cache).
std::size_t cgroup_free(const std::string& limit, const std::string& used, const char* statistics,
                        const std::string& cache) {
  const std::size_t most = number(limit);
  const std::size_t now = number(used);
  if (most == kUnknown || now == kUnknown) return kUnknown;
  const std::size_t back = field(statistics, cache);
  const std::size_t held = back == kUnknown ? now : now - std::min(now, back);
  return most - std::min(most, held);
}

#endif

}  // namespace

std::size_t free_memory() {
#if defined(__linux__)
  const std::size_t kilobytes = field("/proc/meminfo", "MemAvailable:");
  const std::size_t machine = kilobytes == kUnknown ? kUnknown : kilobytes * 1024;
  const std::string root = "/sys/fs/cgroup/";
  const std::size_t v2 = cgroup_free(root + "memory.max", root + "memory.current",
                                     "/sys/fs/cgroup/memory.stat", "inactive_file");
  const std::size_t v1 =
      cgroup_free(root + "memory/memory.limit_in_bytes", root + "memory/memory.usage_in_bytes",
                  "/sys/fs/cgroup/memory/memory.stat", "total_inactive_file");
  return std::min({machine, v1, v2});
#elif defined(__APPLE__)
  vm_statistics64_data_t statistics;
  mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
  const auto result = host_statistics64(mach_host_self(), HOST_VM_INFO64,
                                        reinterpret_cast<host_info64_t>(&statistics), &count);
  if (result != KERN_SUCCESS) return kUnknown;
  return (static_cast<std::size_t>(statistics.free_count) + statistics.inactive_count +
          statistics.purgeable_count) *
         vm_kernel_page_size;
#elif defined(_WIN32)
  MEMORYSTATUSEX status;
  status.dwLength = sizeof(status);
  return GlobalMemoryStatusEx(&status) ? static_cast<std::size_t>(status.ullAvailPhys) : kUnknown;
#else
  return kUnknown;
#endif
}

}  // namespace impasto
