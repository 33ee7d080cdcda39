// A small loss and gradient, computed on a device and on the CPU: the only evidence that a device
// works, for ONNX Runtime lists providers and takes adapters that do not.
#pragma once

#include <string>

#include "settings.h"

namespace impasto {

struct ProbeResult {
  bool usable = false;     // its numbers agree with the CPU's
  bool faster = false;     // than the CPU
  double error = 0;        // ‖g − g_cpu‖ / ‖g_cpu‖
  double seconds = 0;      // of one loss and gradient there
  double cpu_seconds = 0;  // and here
  std::string reason;      // why not usable, in a designer's words
};

// [worker] Takes up to about 2 s; the result of a kind is kept for the process's life.
ProbeResult probe_device(DeviceKind kind);

}  // namespace impasto
