// Learning a style, for JavaScript.
#pragma once

#include <napi.h>

namespace impasto {

// [js thread] learn(request, events) → Job; see load.ts.
Napi::Value start_learning(const Napi::CallbackInfo& info);

// [js thread] studyLesson(request): promise of one lesson's loss and gradient, for tests.
Napi::Value study_lesson_js(const Napi::CallbackInfo& info);

}  // namespace impasto
