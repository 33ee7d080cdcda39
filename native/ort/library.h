// Opens the ONNX Runtime library that onnxruntime-node ships and holds the process's one
// environment. The path comes from JavaScript, which knows where the package stands.
#pragma once

#include <string>

#include "ort/abi.h"

namespace impasto::ort {

// [any thread] Remembers where the library is. Called when the addon is loaded; opens nothing.
void set_library_path(const std::string& path);

// [any thread] Opens the library at the first call.
// Throws Error("onnxruntime-missing") when it is not there, does not load or is too old.
const Api& api();
const ModelEditorApi& model_editor();
OrtEnv* environment();

// "1.30.0"
std::string version();

// The last message of a failing device in ONNX Runtime's log, which its status messages often lack;
// empty when there was none since the last call.
std::string take_device_log();

}  // namespace impasto::ort
