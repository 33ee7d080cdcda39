#include "ort/vulkan.h"

#ifdef __linux__

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace impasto::ort {
namespace {

// The few structures of vulkan_core.h that are needed, which are frozen with Vulkan 1.0.
struct ApplicationInfo {
  std::int32_t type = 0;  // VK_STRUCTURE_TYPE_APPLICATION_INFO
  const void* next = nullptr;
  const char* application = "impasto";
  std::uint32_t application_version = 0;
  const char* engine = nullptr;
  std::uint32_t engine_version = 0;
  std::uint32_t api_version = 1u << 22;  // 1.0
};
struct InstanceInfo {
  std::int32_t type = 1;  // VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO
  const void* next = nullptr;
  std::uint32_t flags = 0;
  const ApplicationInfo* application = nullptr;
  std::uint32_t layer_count = 0;
  const char* const* layers = nullptr;
  std::uint32_t extension_count = 0;
  const char* const* extensions = nullptr;
};
struct DeviceProperties {
  std::uint32_t api_version;
  std::uint32_t driver_version;
  std::uint32_t vendor;
  std::uint32_t device;
  std::int32_t type;
  char name[256];
  std::uint8_t rest[4096];  // limits and features: 560 bytes in Vulkan 1.0
};
constexpr std::int32_t kTypeIntegrated = 1;  // VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU
constexpr std::int32_t kTypeCpu = 4;         // VK_PHYSICAL_DEVICE_TYPE_CPU
struct MemoryHeap {
  std::uint64_t size;
  std::uint32_t flags;
};
constexpr std::uint32_t kDeviceLocal = 1;  // VK_MEMORY_HEAP_DEVICE_LOCAL_BIT
struct MemoryProperties {
  std::uint32_t type_count;
  std::uint32_t types[32][2];  // flags, heap
  std::uint32_t heap_count;
  MemoryHeap heaps[16];
};

using Instance = void*;
using Device = void*;
using CreateInstance = std::int32_t (*)(const InstanceInfo*, const void*, Instance*);
using DestroyInstance = void (*)(Instance, const void*);
using EnumerateDevices = std::int32_t (*)(Instance, std::uint32_t*, Device*);
using GetProperties = void (*)(Device, DeviceProperties*);
using GetMemory = void (*)(Device, MemoryProperties*);

template <class Function>
Function symbol(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}

std::string driver_of(const DeviceProperties& properties) {
  std::string text;
  for (const std::uint32_t number :
       {properties.vendor, properties.device, properties.driver_version, properties.api_version}) {
    text += (text.empty() ? "" : ":") + std::to_string(number);
  }
  return text;
}

// The largest heap of its own.
std::uint64_t memory_of(Device device, GetMemory get_memory) {
  MemoryProperties memory{};
  get_memory(device, &memory);
  std::uint64_t largest = 0;
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(memory.heap_count, 16); ++i) {
    if (memory.heaps[i].flags & kDeviceLocal) largest = std::max(largest, memory.heaps[i].size);
  }
  return largest;
}

std::vector<VulkanDevice> list_devices(Instance instance, EnumerateDevices enumerate,
                                       GetProperties get_properties, GetMemory get_memory) {
  std::array<Device, 16> devices{};
  std::uint32_t count = devices.size();
  const std::int32_t result = enumerate(instance, &count, devices.data());
  if (result < 0) return {};  // VK_INCOMPLETE is positive
  std::vector<VulkanDevice> found;
  for (std::uint32_t i = 0; i < count; ++i) {
    DeviceProperties properties{};
    get_properties(devices[i], &properties);
    properties.name[sizeof(properties.name) - 1] = '\0';
    const bool shares = properties.type == kTypeIntegrated;
    found.push_back({properties.name, driver_of(properties), properties.type == kTypeCpu,
                     shares ? 0 : memory_of(devices[i], get_memory)});
  }
  return found;
}

}  // namespace

std::vector<VulkanDevice> vulkan_devices() {
  // Left open: drivers do not all survive being closed.
  void* library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return {};
  const auto create = symbol<CreateInstance>(library, "vkCreateInstance");
  const auto destroy = symbol<DestroyInstance>(library, "vkDestroyInstance");
  const auto enumerate = symbol<EnumerateDevices>(library, "vkEnumeratePhysicalDevices");
  const auto get_properties = symbol<GetProperties>(library, "vkGetPhysicalDeviceProperties");
  const auto get_memory = symbol<GetMemory>(library, "vkGetPhysicalDeviceMemoryProperties");
  if (!create || !destroy || !enumerate || !get_properties || !get_memory) return {};
  const ApplicationInfo application;
  InstanceInfo info;
  info.application = &application;
  Instance instance = nullptr;
  if (create(&info, nullptr, &instance) != 0) return {};
  const std::vector<VulkanDevice> found =
      list_devices(instance, enumerate, get_properties, get_memory);
  destroy(instance, nullptr);
  return found;
}

}  // namespace impasto::ort

#else

namespace impasto::ort {

std::vector<VulkanDevice> vulkan_devices() { return {}; }

}  // namespace impasto::ort

#endif
