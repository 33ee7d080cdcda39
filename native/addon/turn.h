// Runs of one process take turns: two at once would only fight for cores and memory.
#pragma once

#include <functional>

namespace impasto {

// Holds the process's one turn from construction to destruction.
class Turn {
 public:
  // [worker] Waits in line. `given_up` is asked now and then and by wake_waiting(); when it says
  // so, the place in the line is left and held() is false.
  explicit Turn(const std::function<bool()>& given_up);
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  bool held() const { return held_; }

  // [any thread] Makes all who wait ask given_up again.
  static void wake_waiting();

 private:
  bool held_ = false;
};

}  // namespace impasto
