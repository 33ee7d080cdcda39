// L-BFGS (Liu & Nocedal 1989) within the box [0, 1] by two-metric projection (Bertsekas 1982):
// variables at a bound whose gradient points outwards are left out of the step, the quasi-Newton
// direction is formed over the others, and the step is followed along its projection with Armijo's
// rule. A step that finds no finite smaller value is halved, then taken along the gradient without
// memory, then refused: x never gets worse.
#pragma once

#include <deque>

#include "optimize/kept.h"
#include "optimize/optimizer.h"

namespace impasto {

class Lbfgs : public Optimizer {
 public:
  // width, height: of the picture that the vector is, [3, height, width]; 0 for a vector that is
  // none.
  Lbfgs(int history, int width, int height)
      : memory_{history, false}, width_(width), height_(height) {}

  Update step(const Function& function, std::span<float> x) override;
  std::span<const float> evaluated() const override { return {}; }
  void forget() override;
  void revalue() override { known_ = false; }
  void set_step_size(double) override {}
  void limit_memory(const StepMemory& memory) override;
  void resample(Canvas from, Canvas to, const Resize& resize) override;
  void save(ByteWriter& writer) const override;
  void load(ByteReader& reader, std::size_t size) override;

 private:
  // One secant pair: step s and change of gradient y, with s·y > 0.
  struct Pair {
    Kept s;
    Kept y;
  };

  std::vector<float> direction(std::span<const float> x) const;
  bool search(const Function& function, std::span<float> x, const std::vector<float>& direction,
              double first_step);
  void remember(Pair pair);
  void tidy_memory();

  std::vector<float> precondition(const std::vector<float>& gradient) const;

  StepMemory memory_;
  int width_, height_;
  std::deque<Pair> pairs_;  // oldest first
  double value_ = 0;
  std::vector<float> gradient_;
  bool known_ = false;  // value_ and gradient_ belong to x and the function as they are now
};

}  // namespace impasto
