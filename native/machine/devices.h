// Which devices there are and which of them could work; whether a GPU does is for a probe to tell.
#pragma once

#include <string>
#include <vector>

#include "base/settings.h"

namespace impasto {

struct DeviceStatus {
  DeviceKind kind = DeviceKind::kCpu;
  std::string name;  // of the hardware, as far as it can be told
  bool usable = false;
  std::string detail;  // why not, or what is known
};

// [worker] The CPU first, then what this platform's ONNX Runtime could use. No GPU is put to work.
std::vector<DeviceStatus> list_devices();

// What WebGPU would run on; several names when only the driver knows which it will take.
struct Gpu {
  std::vector<std::string> names;
  std::vector<std::string> drivers;  // one for each name: another text, another driver
  std::string refused;               // why none of them will do; empty: one may
};
Gpu find_gpu();

// Bytes of the GPU's own memory; infinite where it shares the machine's, or the system does not
// tell.
double gpu_memory();

}  // namespace impasto
