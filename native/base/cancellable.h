// Work that another thread may end early.
#pragma once

#include <functional>

namespace impasto {

class Cancellable {
 public:
  virtual ~Cancellable() = default;
  // [any thread] Ends what is being computed between two nodes of its graph.
  virtual void cancel() = 0;
};

// Told what is being computed, null when nothing is.
using Watch = std::function<void(Cancellable*)>;

// Tells of work for as long as it is there.
class Watched {
 public:
  Watched(const Watch& watch, Cancellable& work) : watch_(watch) {
    if (watch_) watch_(&work);
  }
  ~Watched() {
    if (watch_) watch_(nullptr);
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

 private:
  const Watch& watch_;
};

}  // namespace impasto
