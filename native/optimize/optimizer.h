// Descent on a flat vector within the box [0, 1]. Knows nothing of pictures but their shape, which
// it needs to carry its memory from one scale to the next.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/settings.h"
#include "base/tensor.h"
#include "image/resize.h"

namespace impasto {

// Value at x; writes the gradient. May return what is not finite: the optimizer then steps back.
using Function = std::function<double(std::span<const float> x, std::span<float> gradient)>;

// What an optimizer may remember of its steps.
struct StepMemory {
  int steps = 0;
  bool is_short = false;  // at 16 bits
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // One update of `x`, in place and within the box. Returns the function's value at a point of this
  // update that was evaluated and is finite: before the update for Adam, after it for L-BFGS; that
  // point is `best`'s candidate. Between two steps x stays as it is, or forget() is called. Throws
  // Error("internal") when the function is not finite at x itself.
  struct Update {
    double value = 0;
    bool moved = true;  // false: no step made the value smaller
  };
  virtual Update step(const Function& function, std::span<float> x) = 0;

  // Where the value that step() returned was taken, when that is not where it left x; else nothing:
  // then x never gets worse.
  virtual std::span<const float> evaluated() const = 0;

  // The function changed: what was learned about its value and curvature no longer holds.
  virtual void forget() = 0;

  // The function's value changed a little; its curvature is much the same.
  virtual void revalue() = 0;

  virtual void set_step_size(double step_size) = 0;

  // Remembers no more from now on; for those that do.
  virtual void limit_memory(const StepMemory&) {}

  // Carries the memory to another size; the function's minimum is that of the same picture.
  struct Canvas {
    int width = 0;
    int height = 0;
  };
  using Resize = std::function<Image(const Image&, Filter)>;
  virtual void resample(Canvas from, Canvas to, const Resize& resize) = 0;

  // For checkpoints.
  virtual void save(ByteWriter& writer) const = 0;
  virtual void load(ByteReader& reader, std::size_t size) = 0;
};

std::unique_ptr<Optimizer> make_optimizer(const Settings& settings, int width, int height);

}  // namespace impasto
