// Who paints which windows of a picture: a pass of the detailer is done in shifts, one after the
// other, each in windows of its own.
#pragma once

#include <atomic>
#include <functional>
#include <initializer_list>

#include "detail/detail.h"
#include "image/windows.h"
#include "machine/side_by_side.h"
#include "ort/session.h"

namespace impasto {

// The threads that work at a picture.
int threads_of(const DetailTools& tools);

struct Shift {
  Windows windows;
  int workers = 1;    // each with a window of its own
  int threads = 1;    // of all workers together
  double weight = 1;  // of a pixel's work

  int threads_of(int worker) const { return threads / workers + (worker < threads % workers); }
  double window_work() const {
    return weight * static_cast<double>(windows.width) * windows.height;
  }
  double work() const { return static_cast<double>(windows.list.size()) * window_work(); }
  // Pixels of the windows that are painted at the same time.
  double pixels_at_once() const {
    return workers * static_cast<double>(windows.width) * windows.height;
  }
};

// Several windows at once, each by few threads: much of what a window takes is no arithmetic and
// would be done by one of them. The windows depend on the picture alone, not on the threads, so
// that the same picture comes out on every machine of a kind.
Shift shallow_shift(const DetailTools& tools, int height, int width, int halo);

// One window after the other, by all threads: overlaps are wide.
Shift deep_shift(const DetailTools& tools, int height, int width, int halo);

// Adds up what has been done; told on the thread that began.
class Tally {
 public:
  Tally(std::initializer_list<const Shift*> shifts, std::function<void(double)> progress);
  void add(const Shift& shift, std::size_t done);
  void end(const Shift& shift) { before_ += shift.work(); }

 private:
  std::function<void(double)> progress_;
  double all_ = 0;
  double before_ = 0;
};

// Has each worker make its own tool, and paint(tool, window's index) the windows that are left.
template <class Make, class Paint>
void work_through(const DetailTools& tools, const Shift& shift, Tally& tally, Make make,
                  Paint paint) {
  Together together;
  const Watched watched(tools.watch, together);
  std::atomic<std::size_t> next = 0, done = 0;
  side_by_side(shift.workers, [&](int worker) {
    try {
      auto tool = make(ort::SessionConfig{tools.device.kind, shift.threads_of(worker)});
      const Joined joined(together, tool.session());
      for (std::size_t i = next++; i < shift.windows.list.size(); i = next++) {
        paint(tool, i);
        ++done;
        if (worker == 0) tally.add(shift, done);
      }
    } catch (...) {
      next = shift.windows.list.size();  // the others are not to go on for nothing
      throw;
    }
  });
  tally.end(shift);
}

}  // namespace impasto
