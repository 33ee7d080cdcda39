#include "machine/cgroups.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <vector>

namespace impasto {
namespace {

std::optional<double> number(std::istream& stream) {
  double value = 0;
  return stream >> value ? std::optional(value) : std::nullopt;  // "max" is no number
}

std::optional<double> number(const std::string& path) {
  std::ifstream file(path);
  return number(file);
}

// The number after `name` in a file of "name number" lines.
std::optional<double> field(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  std::string key;
  while (file >> key) {
    const std::optional<double> value = number(file);
    if (!value || key == name) return value;
  }
  return std::nullopt;
}

struct Group {
  std::string folder;
  bool is_v2;
};

// This process's groups of a controller and all above them, any of which may have a limit. A
// container may see the path of its host: then the mount's own group alone is there.
std::vector<Group> groups_of(const std::string& controller, const CgroupFiles& files) {
  const std::string v1 = files.mount + "/" + controller;
  std::vector<Group> groups = {{v1, false}, {files.mount, true}};
  std::ifstream lines(files.groups);
  std::string line;  // "number:controllers:/path", of version 2 without controllers
  while (std::getline(lines, line)) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool is_v2 = controllers == ",,";
    if (!is_v2 && controllers.find("," + controller + ",") == std::string::npos) continue;
    for (std::string path = line.substr(second + 1); path.size() > 1;) {
      groups.push_back({(is_v2 ? files.mount : v1) + path, is_v2});
      const std::size_t last = path.rfind('/');
      path.erase(last == std::string::npos ? 0 : last);
    }
  }
  return groups;
}

std::size_t free_memory_of(const Group& group) {
  const std::string& folder = group.folder;
  const auto most = number(folder + (group.is_v2 ? "/memory.max" : "/memory.limit_in_bytes"));
  const auto used = number(folder + (group.is_v2 ? "/memory.current" : "/memory.usage_in_bytes"));
  if (!most || !used) return kNoMemoryLimit;
  const char* cache = group.is_v2 ? "inactive_file" : "total_inactive_file";
  const double back = field(folder + "/memory.stat", cache).value_or(0);
  return static_cast<std::size_t>(std::max(0.0, *most - std::max(0.0, *used - back)));
}

double processors_of(const Group& group) {
  std::optional<double> quota;
  std::optional<double> period;
  if (group.is_v2) {
    std::ifstream file(group.folder + "/cpu.max");  // "quota period" or "max period"
    quota = number(file);
    period = number(file);
  } else {
    quota = number(group.folder + "/cpu.cfs_quota_us");  // -1: none
    period = number(group.folder + "/cpu.cfs_period_us");
  }
  const bool limited = quota && period && *quota > 0 && *period > 0;
  return limited ? *quota / *period : std::numeric_limits<double>::infinity();
}

}  // namespace

std::size_t cgroup_free_memory(const CgroupFiles& files) {
  std::size_t least = kNoMemoryLimit;
  for (const Group& group : groups_of("memory", files)) {
    least = std::min(least, free_memory_of(group));
  }
  return least;
}

double cgroup_processors(const CgroupFiles& files) {
  double least = std::numeric_limits<double>::infinity();
  for (const Group& group : groups_of("cpu", files)) least = std::min(least, processors_of(group));
  return least;
}

}  // namespace impasto
