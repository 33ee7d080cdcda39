// A job as JavaScript sees it: its handle's methods, and its news delivered on the environment's
// own thread.
#pragma once

#include <napi.h>

namespace impasto {

// [js thread] start(request, events): job. See native/binding/load.ts for both.
Napi::Value start_job(const Napi::CallbackInfo& info);

// [js thread] fieldsRead(request): {request, settings}: what start() reads of one, by name, with
// the words of each choice.
Napi::Value fields_read_js(const Napi::CallbackInfo& info);

// Prepares the job's class for an environment (the main one or a worker's).
void define_job(Napi::Env env);

}  // namespace impasto
