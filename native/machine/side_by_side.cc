#include "machine/side_by_side.h"

#include <algorithm>
#include <exception>
#include <thread>

namespace impasto {
namespace {

constexpr int kFewestRows = 32;

}  // namespace

void side_by_side(int count, const std::function<void(int)>& work) {
  std::mutex mutex;
  std::exception_ptr failure;
  const auto attempt = [&](int part) {
    try {
      work(part);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(std::max(count - 1, 0)));
  int part = 1;
  try {
    for (; part < count; ++part) threads.emplace_back(attempt, part);
  } catch (const std::exception&) {
    // The system lets us start no more threads: their parts are done here.
  }
  attempt(0);
  for (; part < count; ++part) attempt(part);
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

void in_bands(int length, int threads, const std::function<void(int, int)>& work) {
  const int count = std::clamp(length / kFewestRows, 1, std::max(1, threads));
  side_by_side(count, [&](int band) {
    const auto border = [&](int i) {
      return static_cast<int>(static_cast<long long>(length) * i / count);
    };
    work(border(band), border(band + 1));
  });
}

void Together::join(Cancellable* work) {
  const std::lock_guard lock(mutex_);
  works_.push_back(work);
  if (cancelled_) work->cancel();
}

void Together::leave(Cancellable* work) {
  const std::lock_guard lock(mutex_);
  std::erase(works_, work);
}

void Together::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  for (Cancellable* work : works_) work->cancel();
}

}  // namespace impasto
