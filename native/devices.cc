#include "devices.h"

#include <cstdio>
#include <fstream>
#include <optional>

#include "device_probe.h"
#include "error.h"
#include "ort/adapters.h"
#include "ort/session.h"

namespace impasto {
namespace {

std::string milliseconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof(text), seconds < 0.1 ? "%.1f ms" : "%.0f ms", 1000 * seconds);
  return text;
}

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

// What WebGPU would run on; several when only the driver knows which it will take.
struct Adapters {
  std::vector<std::string> names;
  std::optional<std::string> refused;  // why none of them will do
};

Adapters find_adapters() {
  Adapters result;
  bool hardware = false;
  const std::vector<ort::Adapter> adapters = ort::list_adapters();
  for (const ort::Adapter& adapter : adapters) {
    if (!adapter.software) hardware = true;
  }
  for (const ort::Adapter& adapter : adapters) {
    if (adapter.software != hardware) result.names.push_back(adapter.name);
  }
  if (!adapters.empty() && !hardware) {
    result.refused = "It is a software renderer, slower than the CPU.";
  } else if (adapters.empty() && ort::lists_all_adapters()) {
    result.refused = "No GPU with a Vulkan driver was found.";
  }
  return result;
}

std::string measured(const ProbeResult& probe) {
  return milliseconds(probe.seconds) + " for a small loss and gradient, " +
         milliseconds(probe.cpu_seconds) + " on the CPU";
}

DeviceStatus webgpu_status(bool probe) {
  const Adapters adapters = find_adapters();
  DeviceStatus status{DeviceKind::kWebGpu, join(adapters.names), false, ""};
  if (status.name.empty()) status.name = adapters.refused ? "none" : "GPU";
  if (adapters.names.size() > 1) status.name += " (probably the first)";
  if (adapters.refused) {
    status.detail = *adapters.refused;
    return status;
  }
  if (!probe) {
    status.usable = true;
    status.detail = "not checked yet";
    return status;
  }
  const ProbeResult result = probe_device(DeviceKind::kWebGpu);
  status.usable = result.usable;
  status.detail = result.usable ? measured(result) : result.reason;
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

std::vector<DeviceStatus> list_devices(bool probe) {
  std::vector<DeviceStatus> devices;
  devices.push_back(
      {DeviceKind::kCpu, cpu_name(), true, std::to_string(ort::default_threads()) + " threads"});
  devices.push_back(webgpu_status(probe));
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

DeviceChoice choose_device(DeviceKind wanted) {
  if (wanted != DeviceKind::kAuto) return {wanted, "", ""};
  const Adapters adapters = find_adapters();
  const std::string cpu = cpu_name();
  if (adapters.refused) return {DeviceKind::kCpu, cpu, "The GPU is not used: " + *adapters.refused};
  const ProbeResult probe = probe_device(DeviceKind::kWebGpu);
  if (!probe.usable || !probe.faster) {
    return {DeviceKind::kCpu, cpu, "The GPU is not used: " + probe.reason};
  }
  return {DeviceKind::kWebGpu, join(adapters.names), measured(probe)};
}

}  // namespace impasto
