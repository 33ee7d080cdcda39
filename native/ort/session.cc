#include "ort/session.h"

#include <algorithm>

#include "base/error.h"
#include "machine/threads.h"
#include "ort/heap.h"
#include "ort/library.h"
#include "ort/status.h"
#include "ort/vulkan.h"

namespace impasto::ort {
namespace {

std::mutex g_device_mutex;

struct Option {
  const char* key;
  const char* value;
};

void append_provider(OrtSessionOptions* options, DeviceKind device, const char* name,
                     std::initializer_list<Option> entries) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const Option& entry : entries) {
    keys.push_back(entry.key);
    values.push_back(entry.value);
  }
  check(api().SessionOptionsAppendExecutionProvider(options, name, keys.data(), values.data(),
                                                    keys.size()),
        Stage::kProvider, device);
}

void append_device(OrtSessionOptions* options, DeviceKind device) {
  switch (device) {
    case DeviceKind::kCpu:
      return;
    case DeviceKind::kWebGpu:
#ifdef __linux__
      if (vulkan_devices().empty()) {
        throw Error("no-gpu", "No usable GPU was found.",
                    "Use the CPU (device: cpu), or install the graphics card's Vulkan driver.");
      }
#endif
      // "basic" puts the reason of a failed allocation into the status.
      append_provider(options, device, "WebGPU", {{"validationMode", "basic"}});
      return;
    case DeviceKind::kCoreMl:
      append_provider(options, device, "CoreML",
                      {{"ModelFormat", "MLProgram"}, {"RequireStaticInputShapes", "1"}});
      return;
    case DeviceKind::kDml:
      append_provider(options, device, "DML", {{"performance_preference", "high_performance"}});
      return;
    case DeviceKind::kCuda: {
      OrtCUDAProviderOptionsV2* cuda = nullptr;
      check(api().CreateCUDAProviderOptions(&cuda), Stage::kProvider, device);
      CudaOptions owner(cuda);
      check(api().SessionOptionsAppendExecutionProvider_CUDA_V2(options, cuda), Stage::kProvider,
            device);
      return;
    }
  }
}

SessionOptions make_options(const SessionConfig& config) {
  OrtSessionOptions* raw = nullptr;
  check(api().CreateSessionOptions(&raw), Stage::kCreate);
  SessionOptions options(raw);
  check(api().SetSessionGraphOptimizationLevel(raw, kOptimizeAll), Stage::kCreate);
  check(api().SetSessionExecutionMode(raw, kSequential), Stage::kCreate);
  // Memory patterns keep one block for the whole run: 1260 MB at 512 px against 780 MB without.
  check(api().DisableMemPattern(raw), Stage::kCreate);
  const int threads = config.threads > 0 ? config.threads : default_threads();
  require_threads(threads - 1);
  check(api().SetIntraOpNumThreads(raw, threads), Stage::kCreate);
  check(api().SetInterOpNumThreads(raw, 1), Stage::kCreate);
  check(api().SetSessionLogSeverityLevel(raw, kLogWarning), Stage::kCreate);
  check(api().AddSessionConfigEntry(raw, "session.set_denormal_as_zero", "1"), Stage::kCreate);
  // Threads that wait by spinning take the processor from the one they wait for when other programs
  // want it, too: at 64 px beside two busy processes a run took 8.5 s with it, 4.8 s without; alone
  // 3.0 and 3.3 s, and from 256 px on nothing differs.
  check(api().AddSessionConfigEntry(raw, "session.intra_op.allow_spinning", "0"), Stage::kCreate);
  append_device(raw, config.device);
  return options;
}

}  // namespace

std::unique_lock<std::mutex> lock_device(DeviceKind device) {
  return device == DeviceKind::kCpu ? std::unique_lock<std::mutex>()
                                    : std::unique_lock<std::mutex>(g_device_mutex);
}

void check_provider(DeviceKind device) {
  const auto lock = lock_device(device);
  make_options({device, 1});
}

Session::Session(const Model& model, const SessionConfig& config) : device_(config.device) {
  OrtEnv* env = environment();
  const auto lock = lock_device(device_);
  take_device_log();  // of an earlier session: it would explain a failure of this one wrongly
  OrtMemoryInfo* host = nullptr;
  check(api().CreateCpuMemoryInfo(kDeviceAllocator, kMemoryDefault, &host), Stage::kCreate);
  host_.reset(host);
  OrtRunOptions* run_options = nullptr;
  check(api().CreateRunOptions(&run_options), Stage::kCreate);
  run_options_.reset(run_options);
  check(api().RunOptionsSetRunLogSeverityLevel(run_options, kLogFatal), Stage::kCreate);

  const SessionOptions options = make_options(config);
  OrtSession* session = nullptr;
  check(model_editor().CreateSessionFromModel(env, model.get(), options.get(), &session),
        Stage::kCreate, device_);
  session_.reset(session);
  OrtIoBinding* binding = nullptr;
  check(api().CreateIoBinding(session, &binding), Stage::kCreate, device_);
  binding_.reset(binding);
}

Session::~Session() {
  const auto lock = lock_device(device_);
  binding_.reset();
  values_.clear();
  session_.reset();
  return_freed_memory();
}

Value Session::wrap(std::span<float> values, const std::vector<std::int64_t>& shape) const {
  OrtValue* value = nullptr;
  check(api().CreateTensorWithDataAsOrtValue(host_.get(), values.data(), values.size_bytes(),
                                             shape.data(), shape.size(), kFloat, &value),
        Stage::kRun, device_);
  return Value(value);
}

void Session::bind_input(const std::string& name, std::span<float> values,
                         const std::vector<std::int64_t>& shape) {
  const auto lock = lock_device(device_);
  Value value = wrap(values, shape);
  check(api().BindInput(binding_.get(), name.c_str(), value.get()), Stage::kRun, device_);
  values_[name] = std::move(value);
}

void Session::bind_changing_input(const std::string& name, std::span<float> values,
                                  const std::vector<std::int64_t>& shape) {
  bind_input(name, values, shape);
  changing_.push_back(name);
}

void Session::bind_output(const std::string& name, std::span<float> values,
                          const std::vector<std::int64_t>& shape) {
  const auto lock = lock_device(device_);
  Value value = wrap(values, shape);
  check(api().BindOutput(binding_.get(), name.c_str(), value.get()), Stage::kRun, device_);
  values_[name] = std::move(value);
}

void Session::clear_outputs() { api().ClearBoundOutputs(binding_.get()); }

void Session::run() {
  const auto lock = lock_device(device_);
  if (device_ != DeviceKind::kCpu) {
    for (const std::string& name : changing_) {
      check(api().BindInput(binding_.get(), name.c_str(), values_.at(name).get()), Stage::kRun,
            device_);
    }
  }
  check(api().RunWithBinding(session_.get(), run_options_.get(), binding_.get()), Stage::kRun,
        device_);
}

void Session::shrink() {
  if (device_ != DeviceKind::kCpu) return;
  // A run that ends at its first node, for the sake of what follows every run.
  OrtRunOptions* raw = nullptr;
  check(api().CreateRunOptions(&raw), Stage::kRun);
  const RunOptions options(raw);
  check(api().RunOptionsSetRunLogSeverityLevel(raw, kLogFatal), Stage::kRun);
  check(api().AddRunConfigEntry(raw, "memory.enable_memory_arena_shrinkage", "cpu:0"), Stage::kRun);
  check(api().RunOptionsSetTerminate(raw), Stage::kRun);
  OrtStatus* terminated = api().RunWithBinding(session_.get(), raw, binding_.get());
  if (terminated != nullptr) api().ReleaseStatus(terminated);
  return_freed_memory();
}

void Session::cancel() {
  check(api().RunOptionsSetTerminate(run_options_.get()), Stage::kRun, device_);
}

void Session::reset_cancel() {
  check(api().RunOptionsUnsetTerminate(run_options_.get()), Stage::kRun, device_);
}

}  // namespace impasto::ort
