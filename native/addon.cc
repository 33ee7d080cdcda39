// The addon's face to JavaScript: registration and argument unpacking, nothing else.
#include <napi.h>

#include "ort/library.h"

namespace {

// [js thread] onnxRuntimeVersion(): string
Napi::Value onnx_runtime_version(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), impasto::ort::version());
}

// [js thread] setLibraryPath(path: string): where onnxruntime-node keeps its library
void set_library_path(const Napi::CallbackInfo& info) {
  impasto::ort::set_library_path(info[0].As<Napi::String>().Utf8Value());
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("setLibraryPath", Napi::Function::New(env, set_library_path));
  exports.Set("onnxRuntimeVersion", Napi::Function::New(env, onnx_runtime_version));
  return exports;
}

}  // namespace

NODE_API_MODULE(impasto, initialize)
