// One session: a model made ready on one device, with its inputs and outputs bound to memory that
// stays in place between runs. On a GPU, inputs marked as resident are copied there once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "../settings.h"
#include "handles.h"

namespace impasto::ort {

struct SessionConfig {
  DeviceKind device = DeviceKind::kCpu;  // never kAuto
  int threads = 0;                       // 0: default_threads()
  std::string profile;                   // prefix of a profile file; empty: none
};

// One per physical core, but both hyperthreads of a machine that has a single core.
int default_threads();

// Held around everything that touches a GPU: sessions of one process share one device, and two at
// once crash (onnxruntime #32561, #31627).
std::unique_lock<std::mutex> lock_device(DeviceKind device);

class Session {
 public:
  // Throws Error("no-gpu" | "provider-missing" | "out-of-memory" | "gpu-out-of-memory" | …).
  Session(const Model& model, const SessionConfig& config);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // `values` stays the caller's and is read at each run.
  void bind_input(const std::string& name, std::span<float> values,
                  const std::vector<std::int64_t>& shape);
  // Copies `values` now: to the GPU, or, on the CPU, not at all (then as bind_input).
  void bind_resident_input(const std::string& name, std::span<float> values,
                           const std::vector<std::int64_t>& shape);
  // `values` stays the caller's and is written by each run.
  void bind_output(const std::string& name, std::span<float> values,
                   const std::vector<std::int64_t>& shape);
  // Drops all outputs: what is not bound is not kept.
  void clear_outputs();

  // Throws Error("cancelled") after cancel(), and the errors of a failing device.
  void run();

  // Gives the memory of intermediate results back to the system.
  void shrink();

  // [any thread] Ends a run between two nodes; sticky until reset_cancel().
  void cancel();
  void reset_cancel();

 private:
  Value wrap(std::span<float> values, const std::vector<std::int64_t>& shape) const;

  DeviceKind device_;
  MemoryInfo host_;
  RunOptions run_options_;
  SessionHandle session_;
  Allocator device_allocator_;  // null on the CPU
  IoBinding binding_;
  std::map<std::string, Value> values_;  // what the binding points to
};

}  // namespace impasto::ort
