// Parts of a computation on threads of their own, and ended together.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "base/cancellable.h"

namespace impasto {

// Calls work(0) … work(count - 1) at the same time, the first on the calling thread, as are those
// for which the system gives no thread, and returns when all have ended. Rethrows the first
// failure.
void side_by_side(int count, const std::function<void(int)>& work);

// Calls work(begin, end) for as many parts of 0 … length as there are threads, at the same time;
// for fewer where parts would be small.
void in_bands(int length, int threads, const std::function<void(int, int)>& work);

// What is being computed at the same time: cancel() ends all of it, and what joins later.
class Together final : public Cancellable {
 public:
  void join(Cancellable* work);
  void leave(Cancellable* work);
  void cancel() override;

 private:
  std::mutex mutex_;
  std::vector<Cancellable*> works_;
  bool cancelled_ = false;
};

// One of them, as long as it lives.
class Joined {
 public:
  Joined(Together& together, Cancellable& work) : together_(together), work_(work) {
    together_.join(&work_);
  }
  ~Joined() { together_.leave(&work_); }
  Joined(const Joined&) = delete;
  Joined& operator=(const Joined&) = delete;

 private:
  Together& together_;
  Cancellable& work_;
};

}  // namespace impasto
