// Turns an ONNX Runtime status into Error, once. Its codes tell nothing (nearly all are "fail"), so
// the class comes from the stage and from the message.
#pragma once

#include <map>
#include <string>

#include "base/settings.h"
#include "ort/abi.h"

namespace impasto::ort {

enum class Stage {
  kCreate,    // building a graph or a session
  kProvider,  // adding an execution provider
  kRun,       // running or copying tensors
};

// Releases `status`. Throws Error when it is a failure; `device` is where the work was to be done.
void check(const Api& api, OrtStatus* status, Stage stage, DeviceKind device = DeviceKind::kCpu);
void check(OrtStatus* status, Stage stage, DeviceKind device = DeviceKind::kCpu);

// "cpu", "webgpu", …: the setting's own words.
const std::map<std::string, DeviceKind>& device_kinds();
const std::string& device_word(DeviceKind kind);

}  // namespace impasto::ort
