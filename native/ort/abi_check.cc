// Compiled only where the official header is given (-DONNXRUNTIME_INCLUDE_DIR): fails to compile
// when a position or a signature in abi.h differs from it.

#include <onnxruntime_c_api.h>

#include <type_traits>

#include "ort/abi.h"

#ifdef __GNUC__
// The header's "result must be used" is no part of a signature.
#pragma GCC diagnostic ignored "-Wignored-attributes"
#endif

namespace impasto::ort {
namespace {

// Enumerations and `int` cross as int32_t, and noexcept is no part of the calling convention.
template <class T, class = void>
struct Plain {
  using type = T;
};
template <class T>
struct Plain<T, std::enable_if_t<std::is_enum_v<T>>> {
  static_assert(sizeof(T) == sizeof(std::int32_t));
  using type = std::int32_t;
};
template <class R, class... A>
struct Plain<R (*)(A...)> {
  using type = typename Plain<R>::type (*)(typename Plain<A>::type...);
};
template <class R, class... A>
struct Plain<R (*)(A...) noexcept> {
  using type = typename Plain<R>::type (*)(typename Plain<A>::type...);
};

#define CHECK_SLOT(table, name, position, ours)                                             \
  static_assert(offsetof(table, name) / sizeof(void*) == (position), "position of " #name); \
  static_assert(std::is_same_v<Plain<decltype(table::name)>::type, decltype(ours::name)>,   \
                "signature of " #name);
#define CHECK_API(name, position, since, result, parameters) CHECK_SLOT(OrtApi, name, position, Api)
#define CHECK_EDITOR(name, position, since, result, parameters) \
  CHECK_SLOT(OrtModelEditorApi, name, position, ModelEditorApi)
IMPASTO_ORT_API(CHECK_API)
IMPASTO_ORT_MODEL_EDITOR_API(CHECK_EDITOR)

static_assert(offsetof(OrtApiBase, GetApi) == 0);
static_assert(offsetof(OrtApiBase, GetVersionString) == sizeof(void*));
static_assert(std::is_same_v<PathChar, ORTCHAR_T>);
static_assert(kFloat == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
static_assert(kInt64 == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64);
static_assert(kAttributeInt == ORT_OP_ATTR_INT);
static_assert(kAttributeInts == ORT_OP_ATTR_INTS);
static_assert(kAttributeFloat == ORT_OP_ATTR_FLOAT);
static_assert(kAttributeString == ORT_OP_ATTR_STRING);
static_assert(kDeviceAllocator == OrtDeviceAllocator);
static_assert(kMemoryDefault == OrtMemTypeDefault);
static_assert(kSequential == ORT_SEQUENTIAL);
static_assert(kOptimizeAll == ORT_ENABLE_ALL);
static_assert(kLogInfo == ORT_LOGGING_LEVEL_INFO);
static_assert(kLogWarning == ORT_LOGGING_LEVEL_WARNING);
static_assert(kLogFatal == ORT_LOGGING_LEVEL_FATAL);
static_assert(kHardwareGpu == OrtHardwareDeviceType_GPU);

}  // namespace
}  // namespace impasto::ort
