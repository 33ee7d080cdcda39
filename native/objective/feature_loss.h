// A style loss that is no function of moments: it looks at a layer's features position by position.
// Untiled only. What it compares with is made from the style's own features, or a sample of them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "objective/loss.h"
#include "objective/moments.h"

namespace impasto {

// One style picture at one layer.
struct StyleFeatures {
  int channels = 0;
  std::vector<float> values;   // [C, n]
  std::vector<float> weights;  // [n], how much each position counts; empty: all alike
  double share = 1;            // of this style among several
};

// Positions of several styles, and what each counts.
struct StyleSample {
  int channels = 0;
  std::vector<double> weights;  // [n], together 1
  std::vector<float> values;    // [C, n]

  std::size_t size() const { return weights.size(); }
  std::span<const float> row(int channel) const {
    return {values.data() + static_cast<std::size_t>(channel) * size(), size()};
  }
};

// Of those positions that count: all where there are few, else so many that no statistic here needs
// more.
StyleSample sample_style(std::span<const StyleFeatures> styles);

// offset + weightsᵀ x, of each position x of the sample. `weights`: [C].
std::vector<double> project(const StyleSample& sample, std::span<const float> weights,
                            double offset = 0);

struct FeatureNodes {
  std::string value;     // [1, 1]
  std::string gradient;  // [C, h·w]: ½ Σ m times its derivative
};

struct FeatureLoss {
  // `moments`: of all styles together.
  StyleTarget (*prepare)(std::span<const StyleFeatures> styles, const Moments& moments);
  FeatureNodes (*add)(GraphBuilder& graph, const FeatureMatrix& matrix, const DeclareInput& input);
};

// E |x|², at least what a layer that a style leaves dark is said to have.
double style_energy(const Moments& moments);

}  // namespace impasto
