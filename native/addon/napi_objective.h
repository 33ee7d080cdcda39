// The devices, and one loss and gradient by itself: what `doctor`, tests and benches ask for.
#pragma once

#include <napi.h>

namespace impasto {

// [js thread] devices(): promise of a Device[]
Napi::Value list_devices_js(const Napi::CallbackInfo& info);

// [js thread] gpu(): {names, drivers, refused}
Napi::Value find_gpu_js(const Napi::CallbackInfo& info);

// [js thread] probeGpu(): promise of {usable, faster, seconds, cpuSeconds, reason}
Napi::Value probe_gpu_js(const Napi::CallbackInfo& info);

// [js thread] evaluateObjective({networkPath, image, content, style, settings, repeats}): promise
// of {losses, gradient, grams, means, seconds}. Pictures with four channels are masked by their
// alpha; contentWeight and styleWeight of the settings must be given. `seconds` has one entry for
// each repetition of the loss and gradient.
Napi::Value evaluate_objective_js(const Napi::CallbackInfo& info);

// [js thread] sgemmRate(size, threads, repeats): promise of GFLOP/s
Napi::Value sgemm_rate_js(const Napi::CallbackInfo& info);

// [js thread] dropIdleObjectives(): ends the sessions that are kept for reuse
void drop_idle_objectives_js(const Napi::CallbackInfo& info);

}  // namespace impasto
