// The graphics cards that Vulkan sees, asked before WebGPU is: ONNX Runtime tells no adapter's
// name, takes software renderers without a word, and Dawn complains on stderr where there is no
// driver. Linux only; elsewhere WebGPU stands on Direct3D or Metal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace impasto::ort {

struct VulkanDevice {
  std::string name;
  std::string driver;     // changes with card and driver version
  bool software = false;  // runs on the CPU (llvmpipe, SwiftShader)
  // Memory of its own; 0 where it shares the machine's and takes more than its drivers call theirs.
  std::uint64_t bytes = 0;
};

// Empty when there is no loader, no driver or no device.
std::vector<VulkanDevice> vulkan_devices();

}  // namespace impasto::ort
