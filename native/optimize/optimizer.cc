#include "optimize/optimizer.h"

#include "optimize/adam.h"
#include "optimize/lbfgs.h"

namespace impasto {

std::unique_ptr<Optimizer> make_optimizer(const Settings& settings, int width, int height) {
  switch (settings.optimizer) {
    case OptimizerKind::kLbfgs:
      return std::make_unique<Lbfgs>(settings.history, width, height);
    case OptimizerKind::kAdam:
      return std::make_unique<Adam>(settings.live.step_size);
  }
  throw Error("internal", "There is no such optimizer.");
}

}  // namespace impasto
