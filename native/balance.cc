#include "balance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace impasto {
namespace {

// Empirical, at strength 50 (test/bench/quality): the style term's weight with the content term's
// at 1.
constexpr double kStyleToContent = 6;
// The slope of the slider on a logarithmic scale at its middle.
constexpr double kSlope = 1.5;
// At 100 the content would count for nothing at all.
constexpr double kFull = 99.5;

// 0 at strength 0, 1 at 50, large at 100.
double style_share(double strength) {
  const double s = std::min(strength, kFull);
  return std::pow(s / (100 - s), kSlope);
}

double sum_of_products(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

Yardstick measure_yardstick(Objective& objective, const Image& content, const Image& reference) {
  const Problem& problem = objective.problem();
  Weights ones{1, 1, 0, {}, {}};
  ones.content_layers.assign(problem.content_layers.size(), 1);
  ones.style_layers.assign(problem.style_layers.size(), 1);
  objective.set_weights(ones);
  std::vector<float> gradient(content.size());
  return {objective.evaluate(reference.data, gradient).content_layers,
          objective.evaluate(content.data, gradient).style_layers};
}

Weights balance(const Settings& settings, const std::optional<Yardstick>& yardstick) {
  const LiveSettings& live = settings.live;
  Weights weights;
  weights.tv = live.tv_weight;
  weights.content_layers =
      live.content_layer_weights.value_or(std::vector<double>(settings.content_layers.size(), 1));
  weights.style_layers =
      live.style_layer_weights.value_or(std::vector<double>(settings.style_layers.size(), 1));
  if (yardstick) {
    // Pictures that are alike have nothing to divide by.
    const double content =
        std::max(1e-8, sum_of_products(weights.content_layers, yardstick->content_layers));
    const double style =
        std::max(1e-8, sum_of_products(weights.style_layers, yardstick->style_layers) /
                           static_cast<double>(settings.style_layers.size()));
    weights.content = 1 / content;
    weights.style = kStyleToContent * style_share(live.strength) / style;
  }
  weights.content = live.content_weight.value_or(weights.content);
  weights.style = live.style_weight.value_or(weights.style);
  return weights;
}

}  // namespace impasto
