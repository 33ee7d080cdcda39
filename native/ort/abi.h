// The part of ONNX Runtime's C interface that Impasto calls, declared by position. onnxruntime-node
// ships the library but no headers. Positions in OrtApi never change: the tables only grow, and
// ONNX Runtime itself asserts the size of each released version (onnxruntime_c_api.cc).
// abi_check.cc compares every line below with the official header where one is at hand.
#pragma once

#include <cstddef>
#include <cstdint>

struct OrtEnv;
struct OrtStatus;
struct OrtMemoryInfo;
struct OrtSession;
struct OrtSessionOptions;
struct OrtRunOptions;
struct OrtIoBinding;
struct OrtAllocator;
struct OrtValue;
struct OrtTypeInfo;
struct OrtTensorTypeAndShapeInfo;
struct OrtOpAttr;
struct OrtValueInfo;
struct OrtNode;
struct OrtGraph;
struct OrtModel;
struct OrtEpDevice;
struct OrtHardwareDevice;
struct OrtKeyValuePairs;
struct OrtCUDAProviderOptionsV2;
struct OrtModelEditorApi;

namespace impasto::ort {

#ifdef _WIN32
using PathChar = wchar_t;
#else
using PathChar = char;
#endif

// void* param, severity, category, log id, code location, message
using LoggingFunction = void (*)(void*, std::int32_t, const char*, const char*, const char*,
                                 const char*);

// Enumerations cross as int32_t; these are the values in use.
inline constexpr std::int32_t kFloat = 1;              // ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT
inline constexpr std::int32_t kInt64 = 7;              // ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64
inline constexpr std::int32_t kAttributeInt = 1;       // ORT_OP_ATTR_INT
inline constexpr std::int32_t kAttributeInts = 2;      // ORT_OP_ATTR_INTS
inline constexpr std::int32_t kAttributeFloat = 3;     // ORT_OP_ATTR_FLOAT
inline constexpr std::int32_t kAttributeString = 5;    // ORT_OP_ATTR_STRING
inline constexpr std::int32_t kDeviceAllocator = 0;    // OrtDeviceAllocator
inline constexpr std::int32_t kMemoryDefault = 0;      // OrtMemTypeDefault
inline constexpr std::int32_t kSequential = 0;         // ORT_SEQUENTIAL
inline constexpr std::int32_t kOptimizeAll = 99;       // ORT_ENABLE_ALL
inline constexpr std::int32_t kLogInfo = 1;            // ORT_LOGGING_LEVEL_INFO
inline constexpr std::int32_t kLogWarning = 2;         // ORT_LOGGING_LEVEL_WARNING
inline constexpr std::int32_t kLogFatal = 4;           // ORT_LOGGING_LEVEL_FATAL
inline constexpr std::int32_t kHardwareGpu = 1;        // OrtHardwareDeviceType_GPU
inline constexpr std::uint32_t kRequiredVersion = 22;  // the model editor

// X(name, position, first version, return type, parameters)
#define IMPASTO_ORT_API(X)                                                                        \
  X(GetErrorMessage, 2, 1, const char*, (const OrtStatus*))                                       \
  X(CreateEnvWithCustomLogger, 4, 1, OrtStatus*,                                                  \
    (impasto::ort::LoggingFunction, void*, std::int32_t, const char*, OrtEnv**))                  \
  X(DisableTelemetryEvents, 6, 1, OrtStatus*, (const OrtEnv*))                                    \
  X(CreateSessionOptions, 10, 1, OrtStatus*, (OrtSessionOptions**))                               \
  X(SetSessionExecutionMode, 13, 1, OrtStatus*, (OrtSessionOptions*, std::int32_t))               \
  X(DisableMemPattern, 17, 1, OrtStatus*, (OrtSessionOptions*))                                   \
  X(SetSessionLogSeverityLevel, 22, 1, OrtStatus*, (OrtSessionOptions*, std::int32_t))            \
  X(SetSessionGraphOptimizationLevel, 23, 1, OrtStatus*, (OrtSessionOptions*, std::int32_t))      \
  X(SetIntraOpNumThreads, 24, 1, OrtStatus*, (OrtSessionOptions*, std::int32_t))                  \
  X(SetInterOpNumThreads, 25, 1, OrtStatus*, (OrtSessionOptions*, std::int32_t))                  \
  X(CreateRunOptions, 39, 1, OrtStatus*, (OrtRunOptions**))                                       \
  X(RunOptionsSetRunLogSeverityLevel, 41, 1, OrtStatus*, (OrtRunOptions*, std::int32_t))          \
  X(RunOptionsSetTerminate, 46, 1, OrtStatus*, (OrtRunOptions*))                                  \
  X(RunOptionsUnsetTerminate, 47, 1, OrtStatus*, (OrtRunOptions*))                                \
  X(CreateTensorAsOrtValue, 48, 1, OrtStatus*,                                                    \
    (OrtAllocator*, const std::int64_t*, std::size_t, std::int32_t, OrtValue**))                  \
  X(CreateTensorWithDataAsOrtValue, 49, 1, OrtStatus*,                                            \
    (const OrtMemoryInfo*, void*, std::size_t, const std::int64_t*, std::size_t, std::int32_t,    \
     OrtValue**))                                                                                 \
  X(GetTensorMutableData, 51, 1, OrtStatus*, (OrtValue*, void**))                                 \
  X(CreateTensorTypeAndShapeInfo, 57, 1, OrtStatus*, (OrtTensorTypeAndShapeInfo**))               \
  X(SetTensorElementType, 58, 1, OrtStatus*, (OrtTensorTypeAndShapeInfo*, std::int32_t))          \
  X(SetDimensions, 59, 1, OrtStatus*,                                                             \
    (OrtTensorTypeAndShapeInfo*, const std::int64_t*, std::size_t))                               \
  X(CreateCpuMemoryInfo, 69, 1, OrtStatus*, (std::int32_t, std::int32_t, OrtMemoryInfo**))        \
  X(GetAllocatorWithDefaultOptions, 78, 1, OrtStatus*, (OrtAllocator**))                          \
  X(ReleaseStatus, 93, 1, void, (OrtStatus*))                                                     \
  X(ReleaseMemoryInfo, 94, 1, void, (OrtMemoryInfo*))                                             \
  X(ReleaseSession, 95, 1, void, (OrtSession*))                                                   \
  X(ReleaseValue, 96, 1, void, (OrtValue*))                                                       \
  X(ReleaseRunOptions, 97, 1, void, (OrtRunOptions*))                                             \
  X(ReleaseTypeInfo, 98, 1, void, (OrtTypeInfo*))                                                 \
  X(ReleaseTensorTypeAndShapeInfo, 99, 1, void, (OrtTensorTypeAndShapeInfo*))                     \
  X(ReleaseSessionOptions, 100, 1, void, (OrtSessionOptions*))                                    \
  X(AddSessionConfigEntry, 130, 5, OrtStatus*, (OrtSessionOptions*, const char*, const char*))    \
  X(RunWithBinding, 133, 5, OrtStatus*, (OrtSession*, const OrtRunOptions*, const OrtIoBinding*)) \
  X(CreateIoBinding, 134, 5, OrtStatus*, (OrtSession*, OrtIoBinding**))                           \
  X(ReleaseIoBinding, 135, 5, void, (OrtIoBinding*))                                              \
  X(BindInput, 136, 5, OrtStatus*, (OrtIoBinding*, const char*, const OrtValue*))                 \
  X(BindOutput, 137, 5, OrtStatus*, (OrtIoBinding*, const char*, const OrtValue*))                \
  X(ClearBoundOutputs, 142, 5, void, (OrtIoBinding*))                                             \
  X(AddRunConfigEntry, 165, 8, OrtStatus*, (OrtRunOptions*, const char*, const char*))            \
  X(SessionOptionsAppendExecutionProvider_CUDA_V2, 204, 11, OrtStatus*,                           \
    (OrtSessionOptions*, const OrtCUDAProviderOptionsV2*))                                        \
  X(CreateCUDAProviderOptions, 205, 11, OrtStatus*, (OrtCUDAProviderOptionsV2**))                 \
  X(ReleaseCUDAProviderOptions, 208, 11, void, (OrtCUDAProviderOptionsV2*))                       \
  X(CreateOpAttr, 211, 12, OrtStatus*,                                                            \
    (const char*, const void*, std::int32_t, std::int32_t, OrtOpAttr**))                          \
  X(ReleaseOpAttr, 212, 12, void, (OrtOpAttr*))                                                   \
  X(SessionOptionsAppendExecutionProvider, 216, 12, OrtStatus*,                                   \
    (OrtSessionOptions*, const char*, const char* const*, const char* const*, std::size_t))       \
  X(ReleaseValueInfo, 285, 22, void, (OrtValueInfo*))                                             \
  X(ReleaseNode, 286, 22, void, (OrtNode*))                                                       \
  X(ReleaseGraph, 287, 22, void, (OrtGraph*))                                                     \
  X(ReleaseModel, 288, 22, void, (OrtModel*))                                                     \
  X(GetModelEditorApi, 291, 22, const OrtModelEditorApi*, ())                                     \
  X(GetKeyValue, 297, 22, const char*, (const OrtKeyValuePairs*, const char*))                    \
  X(GetEpDevices, 303, 22, OrtStatus*, (const OrtEnv*, const OrtEpDevice* const**, std::size_t*)) \
  X(HardwareDevice_Type, 307, 22, std::int32_t, (const OrtHardwareDevice*))                       \
  X(HardwareDevice_Vendor, 309, 22, const char*, (const OrtHardwareDevice*))                      \
  X(HardwareDevice_Metadata, 311, 22, const OrtKeyValuePairs*, (const OrtHardwareDevice*))        \
  X(EpDevice_Device, 316, 22, const OrtHardwareDevice*, (const OrtEpDevice*))

#define IMPASTO_ORT_MODEL_EDITOR_API(X)                                                          \
  X(CreateTensorTypeInfo, 0, 22, OrtStatus*, (const OrtTensorTypeAndShapeInfo*, OrtTypeInfo**))  \
  X(CreateValueInfo, 5, 22, OrtStatus*, (const char*, const OrtTypeInfo*, OrtValueInfo**))       \
  X(CreateNode, 6, 22, OrtStatus*,                                                               \
    (const char*, const char*, const char*, const char* const*, std::size_t, const char* const*, \
     std::size_t, OrtOpAttr**, std::size_t, OrtNode**))                                          \
  X(CreateGraph, 7, 22, OrtStatus*, (OrtGraph**))                                                \
  X(SetGraphInputs, 8, 22, OrtStatus*, (OrtGraph*, OrtValueInfo**, std::size_t))                 \
  X(SetGraphOutputs, 9, 22, OrtStatus*, (OrtGraph*, OrtValueInfo**, std::size_t))                \
  X(AddInitializerToGraph, 10, 22, OrtStatus*, (OrtGraph*, const char*, OrtValue*, bool))        \
  X(AddNodeToGraph, 11, 22, OrtStatus*, (OrtGraph*, OrtNode*))                                   \
  X(CreateModel, 12, 22, OrtStatus*,                                                             \
    (const char* const*, const std::int32_t*, std::size_t, OrtModel**))                          \
  X(AddGraphToModel, 13, 22, OrtStatus*, (OrtModel*, OrtGraph*))                                 \
  X(CreateSessionFromModel, 14, 22, OrtStatus*,                                                  \
    (const OrtEnv*, const OrtModel*, const OrtSessionOptions*, OrtSession**))

// Copies of the table's entries, typed.
#define IMPASTO_ORT_MEMBER(name, position, since, result, parameters) result(*name) parameters;
#define IMPASTO_ORT_LOAD(name, position, since, result, parameters) \
  static_assert((since) <= kRequiredVersion);                       \
  name = reinterpret_cast<result(*) parameters>(entries[position]);

struct Api {
  explicit Api(const void* table) {
    auto entries = static_cast<void (*const*)()>(table);
    IMPASTO_ORT_API(IMPASTO_ORT_LOAD)
  }
  IMPASTO_ORT_API(IMPASTO_ORT_MEMBER)
};

struct ModelEditorApi {
  explicit ModelEditorApi(const void* table) {
    auto entries = static_cast<void (*const*)()>(table);
    IMPASTO_ORT_MODEL_EDITOR_API(IMPASTO_ORT_LOAD)
  }
  IMPASTO_ORT_MODEL_EDITOR_API(IMPASTO_ORT_MEMBER)
};

#undef IMPASTO_ORT_MEMBER
#undef IMPASTO_ORT_LOAD

// OrtGetApiBase() returns this; both positions are frozen for ever.
struct ApiBase {
  const void* (*GetApi)(std::uint32_t version);
  const char* (*GetVersionString)();
};

}  // namespace impasto::ort
