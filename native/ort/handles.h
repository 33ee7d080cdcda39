// Owners of ONNX Runtime objects. The only place that releases them.
#pragma once

#include <memory>

#include "ort/library.h"

namespace impasto::ort {

template <auto Member>
struct Release {
  template <class T>
  void operator()(T* object) const {
    (api().*Member)(object);
  }
};

using SessionOptions = std::unique_ptr<OrtSessionOptions, Release<&Api::ReleaseSessionOptions>>;
using RunOptions = std::unique_ptr<OrtRunOptions, Release<&Api::ReleaseRunOptions>>;
using SessionHandle = std::unique_ptr<OrtSession, Release<&Api::ReleaseSession>>;
using IoBinding = std::unique_ptr<OrtIoBinding, Release<&Api::ReleaseIoBinding>>;
using Value = std::unique_ptr<OrtValue, Release<&Api::ReleaseValue>>;
using MemoryInfo = std::unique_ptr<OrtMemoryInfo, Release<&Api::ReleaseMemoryInfo>>;
using TypeInfo = std::unique_ptr<OrtTypeInfo, Release<&Api::ReleaseTypeInfo>>;
using TensorInfo =
    std::unique_ptr<OrtTensorTypeAndShapeInfo, Release<&Api::ReleaseTensorTypeAndShapeInfo>>;
using ValueInfo = std::unique_ptr<OrtValueInfo, Release<&Api::ReleaseValueInfo>>;
using Attribute = std::unique_ptr<OrtOpAttr, Release<&Api::ReleaseOpAttr>>;
using Node = std::unique_ptr<OrtNode, Release<&Api::ReleaseNode>>;
using Graph = std::unique_ptr<OrtGraph, Release<&Api::ReleaseGraph>>;
using Model = std::unique_ptr<OrtModel, Release<&Api::ReleaseModel>>;
using CudaOptions =
    std::unique_ptr<OrtCUDAProviderOptionsV2, Release<&Api::ReleaseCUDAProviderOptions>>;

}  // namespace impasto::ort
