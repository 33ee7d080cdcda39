// Time in work: pauses do not count.
#pragma once

#include <chrono>

namespace impasto {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_ - paused_).count();
  }

  // Runs `wait` with the watch stopped and returns what it returns.
  template <typename Wait>
  auto without(Wait wait) {
    const auto begin = Clock::now();
    auto result = wait();
    paused_ += Clock::now() - begin;
    return result;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  Clock::duration paused_{};
};

}  // namespace impasto
