// One session: a model made ready on one device, with its inputs and outputs bound to memory that
// stays in place between runs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/cancellable.h"
#include "base/settings.h"
#include "ort/handles.h"

namespace impasto::ort {

struct SessionConfig {
  DeviceKind device = DeviceKind::kCpu;
  int threads = 0;  // 0: default_threads()
};

// Held around everything that touches a GPU: sessions of one process share one device, and two at
// once crash (onnxruntime #32561, #31627).
std::unique_lock<std::mutex> lock_device(DeviceKind device);

// Throws Error("no-gpu" | "provider-missing") when a session on `device` could not be made.
void check_provider(DeviceKind device);

class Session final : public Cancellable {
 public:
  // Throws Error("no-gpu" | "provider-missing" | "out-of-memory" | "gpu-out-of-memory" | …).
  Session(const Model& model, const SessionConfig& config);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // `values` stays the caller's. A GPU takes its copy now and keeps it: bind again after a change.
  void bind_input(const std::string& name, std::span<float> values,
                  const std::vector<std::int64_t>& shape);
  // The same, and bound again before each run: for what changes with each.
  void bind_changing_input(const std::string& name, std::span<float> values,
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

  // [any thread] cancel() ends a run and every one after, until reset_cancel().
  void cancel() override;
  void reset_cancel();

 private:
  Value wrap(std::span<float> values, const std::vector<std::int64_t>& shape) const;

  DeviceKind device_;
  MemoryInfo host_;
  RunOptions run_options_;
  SessionHandle session_;
  IoBinding binding_;
  std::map<std::string, Value> values_;  // the host's side of what is bound
  std::vector<std::string> changing_;
};

}  // namespace impasto::ort
