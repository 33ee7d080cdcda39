// Which devices there are, which of them work, and what `auto` means on this machine.
#pragma once

#include <string>
#include <vector>

#include "settings.h"

namespace impasto {

struct DeviceStatus {
  DeviceKind kind = DeviceKind::kCpu;
  std::string name;  // of the hardware, as far as it can be told
  bool usable = false;
  std::string detail;  // why not, or what was measured
};

// [worker] The CPU first, then what this platform's ONNX Runtime could use. With `probe`, a small
// loss and gradient is computed on the GPU and compared with the CPU's (up to 2 s, once a process).
std::vector<DeviceStatus> list_devices(bool probe);

struct DeviceChoice {
  DeviceKind kind = DeviceKind::kCpu;
  std::string name;
  std::string reason;  // why `auto` chose it; empty for a device asked for by name
};

// [worker] Resolves kAuto: the GPU through WebGPU when its numbers agree with the CPU's and it is
// faster, else the CPU. Any other kind is returned as it is, unchecked.
DeviceChoice choose_device(DeviceKind wanted);

}  // namespace impasto
