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

}  // namespace impasto
