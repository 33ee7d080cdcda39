#include "ort/status.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "machine/threads.h"
#include "ort/library.h"

namespace impasto::ort {
namespace {

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

bool names_memory(const std::string& text) {
  return contains(text, "Failed to allocate memory") || contains(text, "bad_alloc") ||
         contains(text, "out of memory") || contains(text, "Allocation size too large") ||
         contains(text, "exceeds the max buffer size") || contains(text, "Invalid Buffer") ||
         contains(text, "OUT_OF_MEMORY") || contains(text, "CUDA failure 2");
}

bool names_threads(const std::string& text) {
  return contains(text, "pthread_create failed") || contains(text, "_beginthreadex failed") ||
         contains(text, "Resource temporarily unavailable");
}

Error provider_error(const std::string& message, DeviceKind device) {
  if (device == DeviceKind::kWebGpu) {
    return Error("no-gpu", "No usable GPU was found.",
                 "Use the CPU (device: cpu), or update the graphics driver.", message);
  }
  const char* remedy =
      device == DeviceKind::kCuda
          ? "Put ONNX Runtime's CUDA provider libraries beside its library, or use webgpu or cpu."
          : "Use webgpu or cpu on this machine.";
  return Error("provider-missing",
               std::string("ONNX Runtime here cannot run on ") + device_word(device) + ".", remedy,
               message);
}

Error run_error(const std::string& message, DeviceKind device) {
  bool cpu = device == DeviceKind::kCpu;
  if (contains(message, "terminate flag") || contains(message, "cancel")) {
    return Error("cancelled", "The job was cancelled.");
  }
  if (names_threads(message)) return out_of_threads(message);
  if (names_memory(message)) {
    return cpu ? Error("out-of-memory", "There is not enough memory for a picture of this size.",
                       "Choose a smaller size or close other programs.", message)
               : Error("gpu-out-of-memory",
                       "The GPU does not have enough memory for a picture of this size.",
                       "Choose a smaller size, or use the CPU (device: cpu).", message);
  }
  if (!cpu) {
    return Error("gpu-lost", "The GPU stopped working.",
                 "Start again, or use the CPU (device: cpu).", message);
  }
  return Error("internal", "ONNX Runtime failed.", "Please report it with `impasto doctor`.",
               message);
}

Error creation_error(const std::string& message, DeviceKind device) {
  if (contains(message, "cancel")) return Error("cancelled", "The job was cancelled.");
  if (contains(message, "adapter") || contains(message, "Failed to get a WebGPU")) {
    return provider_error(message, device);
  }
  if (names_threads(message)) return out_of_threads(message);
  if (names_memory(message) || device != DeviceKind::kCpu) return run_error(message, device);
  return Error("internal", "ONNX Runtime refused the graph.",
               "Please report it with `impasto doctor`.", message);
}

}  // namespace

const std::map<std::string, DeviceKind>& device_kinds() {
  static const std::map<std::string, DeviceKind> kinds = {{"cpu", DeviceKind::kCpu},
                                                          {"webgpu", DeviceKind::kWebGpu},
                                                          {"coreml", DeviceKind::kCoreMl},
                                                          {"dml", DeviceKind::kDml},
                                                          {"cuda", DeviceKind::kCuda}};
  return kinds;
}

const std::string& device_word(DeviceKind kind) {
  const auto& kinds = device_kinds();
  return std::find_if(kinds.begin(), kinds.end(),
                      [kind](const auto& entry) { return entry.second == kind; })
      ->first;
}

void check(const Api& api, OrtStatus* status, Stage stage, DeviceKind device) {
  if (status == nullptr) return;
  std::string message = api.GetErrorMessage(status);
  api.ReleaseStatus(status);
  if (device != DeviceKind::kCpu) {
    if (std::string log = take_device_log(); !log.empty()) message += " | " + log;
  }
  switch (stage) {
    case Stage::kProvider:
      throw provider_error(message, device);
    case Stage::kCreate:
      throw creation_error(message, device);
    case Stage::kRun:
      throw run_error(message, device);
  }
}

void check(OrtStatus* status, Stage stage, DeviceKind device) {
  if (status != nullptr) check(api(), status, stage, device);
}

}  // namespace impasto::ort
