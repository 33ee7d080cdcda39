// The detailer by itself, for tests and benches.
#pragma once

#include <napi.h>

namespace impasto {

// [js thread] addDetail(request): promise of the picture; see native/binding/load.ts
Napi::Value add_detail_js(const Napi::CallbackInfo& info);

}  // namespace impasto
