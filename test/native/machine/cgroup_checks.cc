// What control groups leave a process, from files as the kernel writes them, in the folder that is the first argument.
#include "machine/cgroups.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include "check.h"

using namespace impasto;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMiB = std::size_t{1} << 20;

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

// An empty mount, and a process in `groups`.
CgroupFiles machine(const fs::path& folder, const std::string& groups) {
  fs::create_directories(folder / "mount");
  write(folder / "groups", groups);
  return {(folder / "mount").string(), (folder / "groups").string()};
}

void check_no_limits(const fs::path& folder) {
  const CgroupFiles nothing = machine(folder / "nothing", "");
  CHECK(cgroup_free_memory(nothing) == kNoMemoryLimit);
  CHECK(std::isinf(cgroup_processors(nothing)));

  const CgroupFiles v2 = machine(folder / "v2-none", "0::/user.slice\n");
  write(folder / "v2-none/mount/user.slice/memory.max", "max\n");
  write(folder / "v2-none/mount/user.slice/memory.current", "1048576\n");
  write(folder / "v2-none/mount/user.slice/cpu.max", "max 100000\n");
  CHECK(cgroup_free_memory(v2) == kNoMemoryLimit);
  CHECK(std::isinf(cgroup_processors(v2)));

  const CgroupFiles v1 = machine(folder / "v1-none", "4:cpu,cpuacct:/\n");
  write(folder / "v1-none/mount/cpu/cpu.cfs_quota_us", "-1\n");
  write(folder / "v1-none/mount/cpu/cpu.cfs_period_us", "100000\n");
  CHECK(std::isinf(cgroup_processors(v1)));
}

// A service in a slice: the nearer limit of the two counts, wherever it stands.
void check_v2(const fs::path& folder) {
  const CgroupFiles files = machine(folder, "0::/system.slice/impasto.service\n");
  const fs::path slice = folder / "mount/system.slice";
  write(slice / "impasto.service/memory.max", "1073741824\n");
  write(slice / "impasto.service/memory.current", "734003200\n");  // 700 MiB
  write(slice / "impasto.service/memory.stat", "anon 5\ninactive_file 104857600\nslab 7\n");
  CHECK(cgroup_free_memory(files) == 424 * kMiB);  // 1024 − (700 − 100)
  write(slice / "memory.max", "2147483648\n");
  write(slice / "memory.current", "2042626048\n");  // 1948 MiB
  CHECK(cgroup_free_memory(files) == 100 * kMiB);

  write(slice / "impasto.service/cpu.max", "400000 100000\n");
  CHECK(cgroup_processors(files) == 4);
  write(slice / "cpu.max", "150000 100000\n");
  CHECK(cgroup_processors(files) == 1.5);
}

// Inside a container: the path is the host's, and the mount is the container's own group.
void check_container(const fs::path& folder) {
  const CgroupFiles v2 = machine(folder / "v2", "0::/../../docker/4f2a\n");
  write(folder / "v2/mount/memory.max", "536870912\n");
  write(folder / "v2/mount/memory.current", "1073741824\n");  // above it: lowered meanwhile
  write(folder / "v2/mount/cpu.max", "50000 100000\n");
  CHECK(cgroup_free_memory(v2) == 0);
  CHECK(cgroup_processors(v2) == .5);

  const CgroupFiles v1 = machine(folder / "v1", "9:memory:/docker/4f2a\n4:cpu,cpuacct:/docker/4f2a\n");
  write(folder / "v1/mount/memory/memory.limit_in_bytes", "536870912\n");
  write(folder / "v1/mount/memory/memory.usage_in_bytes", "268435456\n");
  write(folder / "v1/mount/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 134217728\n");
  write(folder / "v1/mount/cpu/cpu.cfs_quota_us", "200000\n");
  write(folder / "v1/mount/cpu/cpu.cfs_period_us", "100000\n");
  CHECK(cgroup_free_memory(v1) == 384 * kMiB);  // 512 − (256 − 128)
  CHECK(cgroup_processors(v1) == 2);
}

}  // namespace

int main(int, char** arguments) {
  const fs::path folder = arguments[1];
  check_no_limits(folder / "none");
  check_v2(folder / "v2");
  check_container(folder / "container");
  return failed_checks == 0 ? 0 : 1;
}
