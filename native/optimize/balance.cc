#include "optimize/balance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace impasto {
namespace {

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

bool is_complete(const Yardstick& yardstick) {
  return std::find(yardstick.style_layers.begin(), yardstick.style_layers.end(), 0.0) ==
         yardstick.style_layers.end();
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
    weights.style = live.style_to_content / style;
  }
  weights.content = live.content_weight.value_or(weights.content);
  weights.style = live.style_weight.value_or(weights.style);
  return weights;
}

}  // namespace impasto
