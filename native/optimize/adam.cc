#include "optimize/adam.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "optimize/vector.h"

namespace impasto {
namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.99;
constexpr double kEpsilon = 1e-8;
constexpr std::int64_t kMostSteps = std::int64_t{1}
                                    << 40;  // in a checkpoint; more than any run has

}  // namespace

Optimizer::Update Adam::step(const Function& function, std::span<float> x) {
  first_.resize(x.size());
  second_.resize(x.size());
  gradient_.resize(x.size());
  evaluated_.assign(x.begin(), x.end());
  const double value = function(x, gradient_);
  if (!std::isfinite(value) || !std::isfinite(dot(gradient_, gradient_))) {
    throw Error("internal", "The loss is not a number.",
                "Take a smaller step size or smaller weights.");
  }
  ++steps_;
  const double scale = step_size_ / (1 - std::pow(kBeta1, steps_));
  const double correction = 1 / (1 - std::pow(kBeta2, steps_));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double g = gradient_[i];
    first_[i] = static_cast<float>(kBeta1 * first_[i] + (1 - kBeta1) * g);
    second_[i] = static_cast<float>(kBeta2 * second_[i] + (1 - kBeta2) * g * g);
    const double change = scale * first_[i] / (std::sqrt(second_[i] * correction) + kEpsilon);
    x[i] = std::clamp(static_cast<float>(x[i] - change), 0.0f, 1.0f);
  }
  return {value, true};
}

void Adam::resample(Canvas from, Canvas, const Resize& resize) {
  if (first_.empty()) return;
  first_ = resize({3, from.height, from.width, std::move(first_)}, Filter::kBicubic).data;
  second_ = resize({3, from.height, from.width, std::move(second_)}, Filter::kBilinear).data;
  for (float& value : second_) value = std::max(value, 0.0f);
}

void Adam::save(ByteWriter& writer) const {
  writer.put(steps_);
  writer.put(first_);
  writer.put(second_);
}

void Adam::load(ByteReader& reader, std::size_t size) {
  steps_ = reader.get<std::int64_t>();
  first_ = reader.get_floats(size);
  second_ = reader.get_floats(size);
  const bool sound = steps_ > 0 && steps_ <= kMostSteps &&
                     std::all_of(second_.begin(), second_.end(), [](float v) { return v >= 0; });
  if (!sound) ByteReader::fail();
}

}  // namespace impasto
