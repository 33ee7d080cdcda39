// A job as JavaScript sees it: its handle's methods, and its news delivered on the environment's
// own thread.
#pragma once

#include <napi.h>

#include <functional>

#include "addon/job.h"

namespace impasto {

// [js thread] start(request, events): job. See native/binding/load.ts for both.
Napi::Value start_job(const Napi::CallbackInfo& info);

// [js thread] fieldsRead(request): {request, settings}: what start() reads of one, by name, with
// the words of each choice.
Napi::Value fields_read_js(const Napi::CallbackInfo& info);

// Prepares the job's class for an environment (the main one or a worker's).
void define_job(Napi::Env env);

// [js thread] A job of any kind. `complete` adds to the result what this kind of work brings beside
// a picture.
using Complete = std::function<void(Napi::Object result)>;
struct Launch {
  Job::Work work;
  Settings settings;
  Job::Wishes wishes;
  Complete complete;
};
// Returns the job's handle; `events` as in load.ts.
Napi::Value launch(const Napi::Object& events, Launch launch);

}  // namespace impasto
