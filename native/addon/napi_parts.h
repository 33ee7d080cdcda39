// Single parts of the engine for tests and benches: the optimizers on any function, the picture
// operations, a run's pace.
#pragma once

#include <napi.h>

namespace impasto {

// [js thread, sync] minimize(options, function): see native/binding/load.ts
Napi::Value minimize_js(const Napi::CallbackInfo& info);

// [js thread, sync] resizePicture(picture, width, height): picture, colors weighted by alpha
Napi::Value resize_picture_js(const Napi::CallbackInfo& info);

// [js thread, sync] guidedFilter(picture, guide, share): picture; both of one size
Napi::Value guided_filter_js(const Napi::CallbackInfo& info);

// [js thread, sync] pixelTerm(kind, content, picture): { value, gradient }; both of one size
Napi::Value pixel_term_js(const Napi::CallbackInfo& info);

// [js thread, sync] transferColors(kind, source, target): picture
Napi::Value transfer_colors_js(const Napi::CallbackInfo& info);

// [js thread, sync] secondsLeft(scales, times): see native/binding/load.ts
Napi::Value seconds_left_js(const Napi::CallbackInfo& info);

}  // namespace impasto
