// Parts of a computation on threads: each is done once, failures come out once, and where the
// system gives no thread the work is done all the same.
#include "machine/side_by_side.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <climits>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "check.h"

#if defined(__linux__) && !defined(__SANITIZE_THREAD__)
#include <dlfcn.h>
#include <pthread.h>

// So many threads more are given; then none.
std::atomic<int> threads_left = INT_MAX;

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*begin)(void*), void* argument) {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  return --threads_left < 0 ? EAGAIN : create(thread, attributes, begin, argument);
}
#define CAN_REFUSE_THREADS
#endif

using namespace impasto;

namespace {

constexpr int kMostParts = 8;

// How often each part was done.
std::array<int, kMostParts> times_done(int count) {
  std::array<std::atomic<int>, kMostParts> times{};
  side_by_side(count, [&](int part) { ++times[static_cast<std::size_t>(part)]; });
  std::array<int, kMostParts> result{};
  std::copy(times.begin(), times.end(), result.begin());
  return result;
}

bool each_once(int count) {
  const auto times = times_done(count);
  for (int part = 0; part < kMostParts; ++part) {
    if (times[static_cast<std::size_t>(part)] != (part < count ? 1 : 0)) return false;
  }
  return true;
}

void check_parts() {
  for (const int count : {1, 2, 3, kMostParts}) CHECK(each_once(count));
}

// What comes out when the parts named fail, and how many had ended by then.
std::pair<std::string, int> failure_of(int count, const std::vector<int>& failing) {
  std::atomic<int> ended = 0;
  std::string message;
  try {
    side_by_side(count, [&](int part) {
      struct End {
        std::atomic<int>& ended;
        ~End() { ++ended; }
      } const end{ended};
      if (std::count(failing.begin(), failing.end(), part) > 0)
        throw std::runtime_error("part " + std::to_string(part));
      std::this_thread::yield();
    });
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  return {message, ended.load()};
}

void check_failures() {
  CHECK(failure_of(4, {}) == std::pair(std::string(), 4));
  CHECK(failure_of(4, {0}) == std::pair(std::string("part 0"), 4));
  CHECK(failure_of(4, {3}) == std::pair(std::string("part 3"), 4));
  const auto [message, ended] = failure_of(4, {0, 1, 2, 3});
  CHECK(message.starts_with("part "));
  CHECK(ended == 4);
  bool out_of_memory = false;
  try {
    side_by_side(2, [](int part) {
      if (part == 1) throw std::bad_alloc();
    });
  } catch (const std::bad_alloc&) {
    out_of_memory = true;
  }
  CHECK(out_of_memory);
}

void check_without_threads() {
#ifdef CAN_REFUSE_THREADS
  for (const int given : {0, 2}) {
    threads_left = given;
    CHECK(each_once(5));
    threads_left = given;
    CHECK(failure_of(5, {4}) == std::pair(std::string("part 4"), 5));
  }
  threads_left = INT_MAX;
#endif
}

void check_bands() {
  for (const int length : {0, 1, 31, 32, 33, 64, 100, 4099, INT_MAX}) {
    for (const int threads : {-1, 0, 1, 2, 3, 7}) {
      std::mutex mutex;
      std::vector<std::pair<int, int>> bands;
      in_bands(length, threads, [&](int begin, int end) {
        const std::lock_guard lock(mutex);
        bands.emplace_back(begin, end);
      });
      std::sort(bands.begin(), bands.end());
      CHECK(bands.front().first == 0);
      CHECK(bands.back().second == length);
      for (std::size_t i = 1; i < bands.size(); ++i) CHECK(bands[i].first == bands[i - 1].second);
      CHECK(static_cast<int>(bands.size()) <= std::max(1, threads));
      for (const auto& [begin, end] : bands) CHECK(bands.size() == 1 || end - begin >= 32);
    }
  }
}

struct Work final : Cancellable {
  std::atomic<int> cancelled = 0;
  void cancel() override { ++cancelled; }
};

void check_together() {
  Together together;
  Work left, joined, late;
  { const Joined short_lived(together, left); }
  const Joined now(together, joined);
  std::thread([&] { together.cancel(); }).join();
  const Joined later(together, late);
  CHECK(left.cancelled == 0);
  CHECK(joined.cancelled == 1);
  CHECK(late.cancelled == 1);
  // Joined and cancelled at the same time by many: each is told at least once.
  Together busy;
  std::array<Work, kMostParts> works;
  side_by_side(kMostParts, [&](int part) {
    if (part == 3) busy.cancel();
    const Joined one(busy, works[static_cast<std::size_t>(part)]);
    while (works[static_cast<std::size_t>(part)].cancelled == 0) std::this_thread::yield();
  });
}

}  // namespace

int main() {
  check_parts();
  check_failures();
  check_without_threads();
  check_bands();
  check_together();
  return failed_checks == 0 ? 0 : 1;
}
