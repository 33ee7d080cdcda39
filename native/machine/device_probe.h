// A small loss and gradient, computed on a device and on the CPU: the only evidence that a device
// works, for ONNX Runtime lists providers and takes adapters that do not. A driver may hang or
// crash meanwhile: the companion probes in a process of its own (companion/gpu/probe-in-child.ts).
#pragma once

#include <string>

#include "base/settings.h"

namespace impasto {

struct ProbeResult {
  bool usable = false;     // its numbers agree with the CPU's
  bool faster = false;     // than the CPU
  double seconds = 0;      // of one loss and gradient there
  double cpu_seconds = 0;  // and here
  std::string reason;      // why it will not do, in a designer's words; empty: it will
};

// [worker] As a rule less than a second; nothing bounds it.
ProbeResult probe_device(DeviceKind kind);

}  // namespace impasto
