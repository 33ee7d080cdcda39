#include "machine/devices.h"

#include <algorithm>
#include <fstream>
#include <limits>

#include "base/error.h"
#include "machine/threads.h"
#include "ort/adapters.h"
#include "ort/session.h"

namespace impasto {
namespace {

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "CPU";
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

DeviceStatus webgpu_status(const Gpu& gpu) {
  DeviceStatus status{DeviceKind::kWebGpu, join(gpu.names), gpu.refused.empty(), gpu.refused};
  if (status.name.empty()) status.name = status.usable ? "GPU" : "none";
  if (gpu.names.size() > 1) status.name += " (probably the first)";
  return status;
}

DeviceStatus provider_status(DeviceKind kind, const char* name) {
  DeviceStatus status{kind, name, true, "by name only"};
  try {
    ort::check_provider(kind);
  } catch (const Error& error) {
    status.usable = false;
    status.detail = error.what();
  }
  return status;
}

}  // namespace

Gpu find_gpu() {
  Gpu gpu;
  const std::vector<ort::Adapter> adapters = ort::list_adapters();
  const bool hardware = std::any_of(adapters.begin(), adapters.end(),
                                    [](const ort::Adapter& adapter) { return !adapter.software; });
  for (const ort::Adapter& adapter : adapters) {
    if (adapter.software == hardware) continue;
    gpu.names.push_back(adapter.name);
    gpu.drivers.push_back(adapter.driver);
  }
  if (!adapters.empty() && !hardware) {
    gpu.refused = "It is a software renderer, slower than the CPU.";
  } else if (adapters.empty() && ort::lists_all_adapters()) {
    gpu.refused = "No GPU with a Vulkan driver was found.";
  }
  return gpu;
}

double gpu_memory() {
  const std::vector<ort::Adapter> adapters = ort::list_adapters();
  if (adapters.empty() || adapters.front().bytes == 0) {
    return std::numeric_limits<double>::infinity();
  }
  return static_cast<double>(adapters.front().bytes);
}

std::vector<DeviceStatus> list_devices() {
  std::vector<DeviceStatus> devices;
  const int threads = default_threads();
  devices.push_back({DeviceKind::kCpu, cpu_name(), true,
                     std::to_string(threads) + (threads == 1 ? " thread" : " threads")});
  devices.push_back(webgpu_status(find_gpu()));
#if defined(__APPLE__)
  devices.push_back(provider_status(DeviceKind::kCoreMl, "CoreML"));
#elif defined(_WIN32)
  devices.push_back(provider_status(DeviceKind::kDml, "DirectML"));
#endif
#if !defined(__APPLE__)
  devices.push_back(provider_status(DeviceKind::kCuda, "CUDA"));
#endif
  return devices;
}

}  // namespace impasto
