// Time in work: pauses do not count.
#pragma once

#include <chrono>
#include <optional>

namespace impasto {

class Stopwatch {
 public:
  double seconds() const {
    const auto until = stopped_.value_or(Clock::now());
    return std::chrono::duration<double>(until - start_ - paused_).count();
  }

  // Runs `wait` with the watch stopped and returns what it returns.
  template <typename Wait>
  auto without(Wait wait) {
    stopped_ = Clock::now();
    auto result = wait();
    paused_ += Clock::now() - *stopped_;
    stopped_.reset();
    return result;
  }

  // Goes on from so many seconds.
  void resume_at(double seconds) {
    const auto worked = std::chrono::duration<double>(seconds);
    paused_ = Clock::now() - start_ - std::chrono::duration_cast<Clock::duration>(worked);
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  Clock::duration paused_{};
  std::optional<Clock::time_point> stopped_;
};

}  // namespace impasto
