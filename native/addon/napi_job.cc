#include "addon/napi_job.h"

#include <memory>
#include <utility>
#include <vector>

#include "addon/napi_convert.h"
#include "addon/napi_task.h"
#include "paint/paint.h"

namespace impasto {
namespace {

// What the environment keeps: the class of handles.
struct EnvironmentData {
  Napi::FunctionReference constructor;
};

struct Delivery;
void deliver(Napi::Env env, Napi::Function, Delivery* delivery, void*);

// Told only that there is news: nothing is queued that could pile up or leak.
using Notify = Napi::TypedThreadSafeFunction<Delivery, void, deliver>;

// Carries a job's news to JavaScript. Lives as long as its thread-safe function; when the
// environment closes before the job ends (exit, worker.terminate()) the job is cancelled and its
// thread joined first.
struct Delivery {
  Napi::ObjectReference events;
  Notify notify;
  std::unique_ptr<Job> job;  // none when it has ended
  Settings settings;
  Complete complete;  // may be empty
  std::vector<Napi::Promise::Deferred> checkpoints;
  // What is left of the job when it has ended: its pictures go, or a handle kept would keep them.
  std::shared_ptr<const Job::Shown> last_picture;

  void collect(Napi::Env env);

 private:
  // Calls one of the events.
  using Call = std::function<void(const char* name, const Napi::Value& argument)>;
  void answer_checkpoints(Napi::Env env, const std::vector<std::uint8_t>& bytes);
  void tell(Napi::Env env, const Job::News& news, const Call& call) const;
};

class JobHandle : public Napi::ObjectWrap<JobHandle> {
 public:
  explicit JobHandle(const Napi::CallbackInfo& info) : Napi::ObjectWrap<JobHandle>(info) {}
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "Job",
        {InstanceMethod<&JobHandle::update>("update"), InstanceMethod<&JobHandle::pause>("pause"),
         InstanceMethod<&JobHandle::resume>("resume"), InstanceMethod<&JobHandle::stop>("stop"),
         InstanceMethod<&JobHandle::cancel>("cancel"),
         InstanceMethod<&JobHandle::preview>("preview"),
         InstanceMethod<&JobHandle::checkpoint>("checkpoint")});
  }
  void attach(std::shared_ptr<Delivery> delivery) { delivery_ = std::move(delivery); }

 private:
  // After the end there is nothing to steer.
  template <typename Change>
  void steer(Change change) {
    if (delivery_->job) change(*delivery_->job);
  }

  void update(const Napi::CallbackInfo& info) {
    const LiveSettings live = read_settings(info[0].As<Napi::Object>()).live;
    steer([&](Job& job) { job.update(live); });
  }
  void pause(const Napi::CallbackInfo&) {
    steer([](Job& job) { job.pause(); });
  }
  void resume(const Napi::CallbackInfo&) {
    steer([](Job& job) { job.resume(); });
  }
  void stop(const Napi::CallbackInfo&) {
    steer([](Job& job) { job.stop(); });
  }
  void cancel(const Napi::CallbackInfo&) {
    steer([](Job& job) { job.cancel(); });
  }

  // Promise of a Preview or null; answered even in mid-iteration.
  Napi::Value preview(const Napi::CallbackInfo& info) {
    const auto picture = delivery_->job ? delivery_->job->picture() : delivery_->last_picture;
    const Napi::Env env = info.Env();
    auto deferred = Napi::Promise::Deferred::New(env);
    deferred.Resolve(
        picture ? Napi::Value(preview_to_js(env, picture->width, picture->height, picture->rgb))
                : env.Null());
    return deferred.Promise();
  }

  Napi::Value checkpoint(const Napi::CallbackInfo& info) {
    auto deferred = Napi::Promise::Deferred::New(info.Env());
    if (delivery_->job) {
      delivery_->checkpoints.push_back(deferred);
      delivery_->job->request_checkpoint();
    } else {
      deferred.Resolve(info.Env().Null());
    }
    return deferred.Promise();
  }

  std::shared_ptr<Delivery> delivery_;
};

void deliver(Napi::Env env, Napi::Function, Delivery* delivery, void*) {
  if (env != nullptr) delivery->collect(env);
}

// [js thread] The environment closes: no thread may outlive it.
void close_with_environment(void* delivery) { static_cast<Delivery*>(delivery)->job->join(); }

void Delivery::collect(Napi::Env env) {
  if (!job) return;
  Job::News news = job->collect();
  if (news.checkpoint_ready) answer_checkpoints(env, news.checkpoint);
  // The callbacks hold the handle, which holds this: kept beyond the end, none would ever be freed.
  Napi::ObjectReference ended;
  const Napi::Object receiver = events.Value();
  if (news.finished) {
    napi_remove_env_cleanup_hook(env, close_with_environment, this);
    job->join();
    last_picture = job->picture();
    job.reset();
    ended = std::move(events);
    notify.Release();
  }
  const Call call = [&](const char* name, const Napi::Value& argument) {
    receiver.Get(name).As<Napi::Function>().Call(receiver, {argument});
  };
  try {
    tell(env, news, call);
  } catch (const Napi::Error& error) {
    // What JavaScript has no memory for; who waits for the end must hear of it.
    if (!news.finished) throw;
    call("failed", error.Value());
  }
}

void Delivery::answer_checkpoints(Napi::Env env, const std::vector<std::uint8_t>& bytes) {
  for (const Napi::Promise::Deferred& waiting : std::exchange(checkpoints, {})) {
    try {
      waiting.Resolve(bytes.empty() ? env.Null() : bytes_to_js(env, bytes));
    } catch (const Napi::Error& error) {
      waiting.Reject(error.Value());
    }
  }
}

void Delivery::tell(Napi::Env env, const Job::News& news, const Call& call) const {
  if (!news.trace.empty()) {
    Napi::Array records = Napi::Array::New(env, news.trace.size());
    for (std::uint32_t i = 0; i < news.trace.size(); ++i) {
      records.Set(i, trace_to_js(env, news.trace[i], settings));
    }
    call("trace", records);
  }
  for (const Job::Snapshot& snapshot : news.snapshots) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("iteration", snapshot.total_iteration);
    object.Set("picture", picture_to_js(env, *snapshot.picture));
    call("snapshot", object);
  }
  if (news.progress) call("progress", to_js(env, *news.progress, settings));
  if (news.error) call("failed", error_to_js(env, news.error));
  if (news.result) {
    const Napi::Object result = to_js(env, *news.result, settings);
    if (complete) complete(result);
    call("done", result);
  }
}

struct Start {
  Request request;
  Job::Wishes wishes;
};

Start read_start(const Fields& object) {
  Start start{read_request(object),
              {object.Get("trace").ToBoolean(), read_integer(object, "snapshotEvery")}};
  object.refuse_others("the request");
  return start;
}

}  // namespace

Napi::Value fields_read_js(const Napi::CallbackInfo& info) {
  const Fields request = info[0].As<Napi::Object>();
  read_start(request);
  const Fields settings = read_object(request, "settings");
  read_settings(settings);
  Napi::Object fields = Napi::Object::New(info.Env());
  fields.Set("request", request.to_js());
  fields.Set("settings", settings.to_js());
  return fields;
}

Napi::Value start_job(const Napi::CallbackInfo& info) {
  auto [request, wishes] = read_start(info[0].As<Napi::Object>());
  const auto shared = std::make_shared<const Request>(std::move(request));
  return launch(
      info[1].As<Napi::Object>(),
      {[shared](Host& host) { return paint(*shared, host); }, shared->settings, wishes, {}});
}

Napi::Value launch(const Napi::Object& events, Launch launch) {
  const Napi::Env env = events.Env();
  const auto delivery = std::make_shared<Delivery>();
  delivery->settings = launch.settings;
  delivery->complete = std::move(launch.complete);
  delivery->events = Napi::Persistent(events);
  // What the thread-safe function keeps alive until its finalizer runs.
  auto* held = new std::shared_ptr<Delivery>(delivery);
  delivery->notify = Notify::New(env, "impasto job", 0, 1, delivery.get(),
                                 [held](Napi::Env, void*, Delivery*) { delete held; });
  delivery->job =
      std::make_unique<Job>(std::move(launch.work), launch.settings.threads, launch.wishes,
                            [notify = delivery->notify] { notify.NonBlockingCall(); });
  // Registered after the thread-safe function, so that it runs before that one is closed.
  napi_add_env_cleanup_hook(env, close_with_environment, delivery.get());

  const Napi::Object handle = env.GetInstanceData<EnvironmentData>()->constructor.New({});
  JobHandle::Unwrap(handle)->attach(delivery);
  delivery->job->start();
  return handle;
}

void define_job(Napi::Env env) {
  auto* data = new EnvironmentData;  // owned by the environment
  data->constructor = Napi::Persistent(JobHandle::define(env));
  env.SetInstanceData(data);
}

}  // namespace impasto
