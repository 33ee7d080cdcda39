// Adam (Kingma & Ba 2015) with the iterate limited to the box [0, 1] after each step. β as in
// crowsonkb/style-transfer-pytorch: (0.9, 0.99); its moments and step count go on at the next
// scale.
#pragma once

#include "optimize/optimizer.h"

namespace impasto {

class Adam : public Optimizer {
 public:
  explicit Adam(double step_size) : step_size_(step_size) {}

  Update step(const Function& function, std::span<float> x) override;
  std::span<const float> evaluated() const override { return evaluated_; }
  // The moments follow the new function within a few steps; there is nothing to drop.
  void forget() override {}
  void revalue() override {}
  void set_step_size(double step_size) override { step_size_ = step_size; }
  void resample(Canvas from, Canvas to, const Resize& resize) override;
  void save(ByteWriter& writer) const override;
  void load(ByteReader& reader, std::size_t size) override;

 private:
  double step_size_;
  std::int64_t steps_ = 0;
  std::vector<float> first_;   // mean of the gradient
  std::vector<float> second_;  // mean of its square
  std::vector<float> evaluated_;
  std::vector<float> gradient_;
};

}  // namespace impasto
