#include "machine/memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include "machine/cgroups.h"

#if defined(__APPLE__)
#include <mach/mach.h>
#elif defined(_WIN32)
#include <windows.h>
#endif

namespace impasto {
namespace {

constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();

#if defined(__linux__)

// Bytes that programs may take without swapping.
std::size_t available() {
  std::ifstream file("/proc/meminfo");
  std::string name;
  std::size_t kilobytes = 0;
  std::string unit;
  while (file >> name >> kilobytes) {
    if (name == "MemAvailable:") return kilobytes * 1024;
    std::getline(file, unit);
  }
  return kUnknown;
}

#endif

}  // namespace

std::size_t free_memory() {
#if defined(__linux__)
  return std::min(available(), cgroup_free_memory());
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
