// A short piece of work on one of libuv's threads, as a promise.
#pragma once

#include <napi.h>

#include <exception>
#include <functional>
#include <utility>

#include "addon/napi_convert.h"

namespace impasto {

// [js thread] Runs `work` elsewhere and resolves with what `convert` makes of its value; a C++
// exception rejects. `work` must not touch JavaScript.
template <typename T>
class Task : public Napi::AsyncWorker {
 public:
  static Napi::Promise run(Napi::Env env, std::function<T()> work,
                           std::function<Napi::Value(Napi::Env, const T&)> convert) {
    auto* task = new Task(env, std::move(work), std::move(convert));  // deletes itself when done
    Napi::Promise promise = task->deferred_.Promise();
    task->Queue();
    return promise;
  }

 private:
  Task(Napi::Env env, std::function<T()> work,
       std::function<Napi::Value(Napi::Env, const T&)> convert)
      : Napi::AsyncWorker(env),
        deferred_(env),
        work_(std::move(work)),
        convert_(std::move(convert)) {}

  void Execute() override {
    try {
      value_ = work_();
    } catch (...) {
      error_ = std::current_exception();
    }
  }
  void OnOK() override {
    if (error_) {
      deferred_.Reject(error_to_js(Env(), error_));
      return;
    }
    // What cannot be converted (a picture that JavaScript has no memory for) must not leave the
    // promise open.
    try {
      deferred_.Resolve(convert_(Env(), value_));
    } catch (const Napi::Error& error) {
      deferred_.Reject(error.Value());
    }
  }

  Napi::Promise::Deferred deferred_;
  std::function<T()> work_;
  std::function<Napi::Value(Napi::Env, const T&)> convert_;
  T value_{};
  std::exception_ptr error_;
};

}  // namespace impasto
