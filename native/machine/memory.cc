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
std::size_t field(const std::string& path, const std::string& name) {
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

struct CgroupFiles {
  std::string mount;
  std::string limit;
  std::string used;
  std::string cache;  // in memory.stat
};

const CgroupFiles kV1 = {"/sys/fs/cgroup/memory", "/memory.limit_in_bytes",
                         "/memory.usage_in_bytes", "total_inactive_file"};
const CgroupFiles kV2 = {"/sys/fs/cgroup", "/memory.max", "/memory.current", "inactive_file"};

// limit − used + what the kernel would give back (page cache).
std::size_t cgroup_free(const std::string& group, const CgroupFiles& files) {
  const std::size_t most = number(group + files.limit);
  const std::size_t now = number(group + files.used);
  if (most == kUnknown || now == kUnknown) return kUnknown;
  const std::size_t back = field(group + "/memory.stat", files.cache);
  const std::size_t held = back == kUnknown ? now : now - std::min(now, back);
  return most - std::min(most, held);
}

// Of this process's group and all above it, any of which may have a limit. A container may see the
// path of its host: then the mount's own group alone is there.
std::size_t cgroups_free() {
  std::size_t least = std::min(cgroup_free(kV1.mount, kV1), cgroup_free(kV2.mount, kV2));
  std::ifstream groups("/proc/self/cgroup");
  std::string line;  // "number:controllers:/path", of version 2 without controllers
  while (std::getline(groups, line)) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool is_v1 = controllers.find(",memory,") != std::string::npos;
    if (!is_v1 && controllers != ",,") continue;
    const CgroupFiles& files = is_v1 ? kV1 : kV2;
    std::string path = line.substr(second + 1);
    while (path.size() > 1) {
      least = std::min(least, cgroup_free(files.mount + path, files));
      const std::size_t last = path.rfind('/');
      path.erase(last == std::string::npos ? 0 : last);
    }
  }
  return least;
}

#endif

}  // namespace

std::size_t free_memory() {
#if defined(__linux__)
  const std::size_t kilobytes = field("/proc/meminfo", "MemAvailable:");
  const std::size_t machine = kilobytes == kUnknown ? kUnknown : kilobytes * 1024;
  return std::min(machine, cgroups_free());
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
