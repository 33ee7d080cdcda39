#include "optimize/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "optimize/pyramid.h"
#include "optimize/vector.h"

namespace impasto {
namespace {

// Mean absolute change of a variable in a step that has no curvature to go by (empirical: large
// enough to leave the start, small enough for the first secant pair to describe it).
constexpr double kFirstStep = 0.01;
// No variable moves further in one step.
constexpr double kLargestStep = 0.5;
constexpr double kArmijo = 1e-4;
// Near the end a step's gain drowns in the rounding of the value, a float's; the slope still tells
// (approximate Wolfe condition, Hager & Zhang 2005). Never more than this part of the value is
// given away.
constexpr double kRounding = 1e-5;
// Empirical, over four pairs: the levels and the weight that lower the loss most at equal
// iterations.
constexpr int kSmoothingLevels = 3;
constexpr double kSmoothingWeight = 1.5;
constexpr int kTrials = 8;
// What the pairs may take of a checkpoint, which is written every few seconds: ten pairs of 512 x
// 384 px, with which a run goes on exactly as if it had never stopped. Of larger pictures only the
// youngest are kept, which costs an iteration or two; where memory is short none need be.
constexpr std::size_t kSavedBytes = 48 << 20;
constexpr std::size_t kLeastSavedPairs = 4;

// Variables at a bound that the negative gradient would push out of the box do not take part.
void drop_blocked(std::span<const float> x, std::span<const float> gradient,
                  std::span<float> values) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool blocked = (x[i] <= 0 && gradient[i] > 0) || (x[i] >= 1 && gradient[i] < 0);
    if (blocked) values[i] = 0;
  }
}

// Cautious update (Li & Fukushima 2001): where the function bends down a pair would spoil the
// memory.
bool bends_up(const Kept& s, const Kept& y) {
  return dot(s, y) > 1e-8 * std::sqrt(dot(s, s) * dot(y, y));
}

double mean_magnitude(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += std::abs(value);
  return sum / static_cast<double>(values.size());
}

double largest_magnitude(std::span<const float> values) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

}  // namespace

Optimizer::Update Lbfgs::step(const Function& function, std::span<float> x) {
  if (!known_) {
    gradient_.resize(x.size());
    value_ = function(x, gradient_);
    known_ = true;
    if (!std::isfinite(value_) || !std::isfinite(dot(gradient_, gradient_))) {
      known_ = false;
      throw Error("internal", "The loss of the first picture is not a number.",
                  "Check the network file and the weights.");
    }
  }
  bool moved = false;
  if (!pairs_.empty()) {
    const std::vector<float> newton = direction(x);
    const double largest = largest_magnitude(newton);
    moved = search(function, x, newton, std::min(1.0, kLargestStep / std::max(largest, 1e-12)));
    if (!moved) pairs_.clear();
  }
  if (!moved) {
    std::vector<float> steepest(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) steepest[i] = -gradient_[i];
    drop_blocked(x, gradient_, steepest);
    steepest = precondition(steepest);
    drop_blocked(x, gradient_, steepest);
    const double mean = mean_magnitude(steepest);
    if (mean > 0) moved = search(function, x, steepest, kFirstStep / mean);
  }
  return {value_, moved};
}

// The two loops over the free variables.
std::vector<float> Lbfgs::direction(std::span<const float> x) const {
  std::vector<float> d(gradient_.size());
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = -gradient_[i];
  drop_blocked(x, gradient_, d);
  std::vector<double> alpha(pairs_.size());
  std::vector<double> curvature(pairs_.size());
  for (std::size_t k = pairs_.size(); k-- > 0;) {
    const Pair& pair = pairs_[k];
    curvature[k] = dot(pair.s, pair.y);
    alpha[k] = dot(pair.s, d) / curvature[k];
    pair.y.add_to(d, -alpha[k]);
  }
  const Pair& newest = pairs_.back();
  const float scale =
      static_cast<float>(curvature.back() / dot(newest.y, precondition(newest.y.values())));
  d = precondition(d);
  for (float& value : d) value *= scale;
  for (std::size_t k = 0; k < pairs_.size(); ++k) {
    const double beta = dot(pairs_[k].y, d) / curvature[k];
    pairs_[k].s.add_to(d, alpha[k] - beta);
  }
  drop_blocked(x, gradient_, d);
  return d;
}

bool Lbfgs::search(const Function& function, std::span<float> x,
                   const std::vector<float>& direction, double first_step) {
  if (!(dot(direction, gradient_) < 0)) return false;
  std::vector<float> candidate(x.size());
  std::vector<float> gradient(x.size());
  double step = first_step;
  for (int trial = 0; trial < kTrials; ++trial) {
    double slope = 0;  // of the projected step, not of the direction
    for (std::size_t i = 0; i < x.size(); ++i) {
      candidate[i] = std::clamp(x[i] + static_cast<float>(step) * direction[i], 0.0f, 1.0f);
      slope += static_cast<double>(gradient_[i]) * (candidate[i] - x[i]);
    }
    if (!(slope < 0)) return false;
    const double value = function(candidate, gradient);
    const bool finite = std::isfinite(value) && std::isfinite(dot(gradient, gradient));
    double slope_there = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      slope_there += static_cast<double>(gradient[i]) * (candidate[i] - x[i]);
    }
    const bool smaller = value <= value_ + kArmijo * slope;
    const bool as_small =
        value <= value_ + kRounding * std::abs(value_) && slope_there <= (2 * kArmijo - 1) * slope;
    if (finite && (smaller || as_small)) {
      // The changes take the place of what they are the changes of: pictures may be large.
      for (std::size_t i = 0; i < x.size(); ++i) {
        const float from = x[i];
        x[i] = candidate[i];
        candidate[i] = x[i] - from;
        gradient_[i] = gradient[i] - gradient_[i];
      }
      remember({Kept(std::move(candidate)), Kept(std::move(gradient_))});
      value_ = value;
      gradient_ = std::move(gradient);
      return true;
    }
    // The parabola through value, slope and trial, kept within a tenth and a half of the step.
    const double bend = value - value_ - slope;
    const double shrink = finite && bend > 0 ? -slope / (2 * bend) : 0.5;
    step *= std::clamp(shrink, 0.1, 0.5);
  }
  return false;
}

void Lbfgs::remember(Pair pair) {
  if (!bends_up(pair.s, pair.y)) return;
  pairs_.push_back(std::move(pair));
  tidy_memory();
}

void Lbfgs::limit_memory(const StepMemory& memory) {
  memory_ = memory;
  tidy_memory();
}

void Lbfgs::tidy_memory() {
  while (pairs_.size() > static_cast<std::size_t>(memory_.steps)) pairs_.pop_front();
  if (!memory_.is_short) return;
  for (Pair& pair : pairs_) {
    pair.s.shorten();
    pair.y.shorten();
  }
}

void Lbfgs::forget() {
  known_ = false;
  pairs_.clear();
}

std::vector<float> Lbfgs::precondition(const std::vector<float>& gradient) const {
  if (width_ == 0) return gradient;
  return smooth_over_scales(gradient, 3, height_, width_, kSmoothingLevels, kSmoothingWeight);
}

// Curvature is much the same at the next size: steps are resized as the picture is, changes of a
// mean's gradient by a pixel shrink as the pixels grow in number. Measured on four pairs: 0.5 %
// less loss at equal iterations than starting without memory.
void Lbfgs::resample(Canvas from, Canvas to, const Resize& resize) {
  const auto carry = [&](Kept& kept, float factor) {
    Image carried = resize({3, from.height, from.width, kept.values()}, Filter::kBicubic);
    if (factor != 1) {
      for (float& value : carried.data) value *= factor;
    }
    kept = Kept(std::move(carried.data));
    if (memory_.is_short) kept.shorten();
  };
  const float shrink =
      static_cast<float>(from.width) * from.height / (static_cast<float>(to.width) * to.height);
  for (Pair& pair : pairs_) {
    carry(pair.s, 1);
    carry(pair.y, shrink);
  }
  std::erase_if(pairs_, [](const Pair& pair) { return !bends_up(pair.s, pair.y); });
  width_ = to.width;
  height_ = to.height;
  known_ = false;
}

void Lbfgs::save(ByteWriter& writer) const {
  const std::size_t pair_bytes = 2 * sizeof(float) * (pairs_.empty() ? 1 : pairs_[0].s.size());
  const std::size_t least = memory_.is_short ? 0 : kLeastSavedPairs;
  const std::size_t count = std::min(pairs_.size(), std::max(least, kSavedBytes / pair_bytes));
  writer.put<std::uint64_t>(count);
  for (std::size_t k = pairs_.size() - count; k < pairs_.size(); ++k) {
    writer.put(pairs_[k].s.values());
    writer.put(pairs_[k].y.values());
  }
}

void Lbfgs::load(ByteReader& reader, std::size_t size) {
  forget();
  const auto count = reader.get<std::uint64_t>();
  if (count > static_cast<std::uint64_t>(memory_.steps)) ByteReader::fail();
  for (std::uint64_t k = 0; k < count; ++k) {
    Pair pair{Kept(reader.get_floats(size)), Kept(reader.get_floats(size))};
    if (bends_up(pair.s, pair.y)) pairs_.push_back(std::move(pair));
  }
}

}  // namespace impasto
