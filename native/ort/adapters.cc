#include "ort/adapters.h"

#include <algorithm>

#include "ort/library.h"
#include "ort/status.h"
#include "ort/vulkan.h"

namespace impasto::ort {
namespace {

std::string text_of(const OrtKeyValuePairs* pairs, const char* key) {
  const char* value = pairs == nullptr ? nullptr : api().GetKeyValue(pairs, key);
  return value == nullptr ? "" : value;
}

// What ONNX Runtime finds by the system's own lists: complete on Windows, empty on many Linuxes.
std::vector<Adapter> discovered_adapters() {
  const OrtEpDevice* const* devices = nullptr;
  std::size_t count = 0;
  check(api().GetEpDevices(environment(), &devices, &count), Stage::kCreate);
  std::vector<Adapter> result;
  for (std::size_t i = 0; i < count; ++i) {
    const OrtHardwareDevice* hardware = api().EpDevice_Device(devices[i]);
    if (api().HardwareDevice_Type(hardware) != kHardwareGpu) continue;
    const OrtKeyValuePairs* metadata = api().HardwareDevice_Metadata(hardware);
    std::string name = text_of(metadata, "Description");
    const char* vendor = api().HardwareDevice_Vendor(hardware);
    if (name.empty()) name = vendor == nullptr || *vendor == '\0' ? "GPU" : vendor;
    const auto same = [&](const Adapter& adapter) { return adapter.name == name; };
    if (std::any_of(result.begin(), result.end(), same)) continue;  // one for each provider
    const bool preferred = text_of(metadata, "DxgiHighPerformanceIndex") == "0" ||
                           text_of(metadata, "Discrete") == "1";
    const bool software = name.find("Basic Render") != std::string::npos;
    result.insert(preferred ? result.begin() : result.end(), {name, "", software, 0});
  }
  return result;
}

}  // namespace

std::vector<Adapter> list_adapters() {
  std::vector<Adapter> result;
  for (const VulkanDevice& device : vulkan_devices())
    result.push_back({device.name, device.driver, device.software, device.bytes});
  return result.empty() ? discovered_adapters() : result;
}

#ifdef __linux__
bool lists_all_adapters() { return true; }
#else
bool lists_all_adapters() { return false; }
#endif

}  // namespace impasto::ort
