#include "machine/threads.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <future>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "machine/cgroups.h"

#if defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(__linux__)
#include <sched.h>
#elif defined(_WIN32)
#include <windows.h>
#endif

namespace impasto {
namespace {

int logical_processors() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// Those that this process may use; hyperthreads of one core share its arithmetic. At least 1.
int physical_cores() {
#if defined(__linux__)
  // Of the processors that this process may run on, those that are the first of their core.
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return logical_processors();
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) +
                       "/topology/thread_siblings_list");
    std::string siblings;
    cores.insert(std::getline(file, siblings) ? siblings : std::to_string(cpu));
  }
  return std::max<int>(1, static_cast<int>(cores.size()));
#elif defined(__APPLE__)
  int count = 0;
  std::size_t size = sizeof(count);
  return sysctlbyname("hw.physicalcpu", &count, &size, nullptr, 0) == 0 ? std::max(1, count)
                                                                        : logical_processors();
#elif defined(_WIN32)
  DWORD bytes = 0;
  GetLogicalProcessorInformation(nullptr, &bytes);
  std::vector<SYSTEM_LOGICAL_PROCESSOR_INFORMATION> entries(
      bytes / sizeof(SYSTEM_LOGICAL_PROCESSOR_INFORMATION));
  if (!GetLogicalProcessorInformation(entries.data(), &bytes)) return logical_processors();
  const auto cores = std::count_if(entries.begin(), entries.end(), [](const auto& entry) {
    return entry.Relationship == RelationProcessorCore;
  });
  return std::max(1, static_cast<int>(cores));
#else
  return logical_processors();
#endif
}

}  // namespace

int default_threads() {
  const int cores = std::max(std::min(logical_processors(), 2), physical_cores());
  // More threads than a container's share of time are all stopped together when it is used up.
  const double share = std::ceil(cgroup_processors());
  return share < cores ? std::max(1, static_cast<int>(share)) : cores;
}

void require_threads(int count) {
  std::promise<void> counted;
  const std::shared_future<void> end = counted.get_future().share();
  std::vector<std::thread> threads(static_cast<std::size_t>(std::max(count, 0)));
  std::string refusal;
  try {
    for (std::thread& thread : threads) thread = std::thread([end] { end.wait(); });
  } catch (const std::system_error& error) {
    refusal = error.what();
  }
  counted.set_value();
  for (std::thread& thread : threads) {
    if (thread.joinable()) thread.join();
  }
  if (!refusal.empty()) throw out_of_threads(refusal);
}

Error out_of_threads(const std::string& detail) {
  return Error("out-of-threads", "The system lets Impasto start no more threads.",
               "Close other programs, or raise the limit: `ulimit -u`, or the container's limit "
               "of processes (pids).",
               detail);
}

}  // namespace impasto
