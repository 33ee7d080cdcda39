#include "optimize/balance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace impasto {
namespace {

double sum_of_products(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Each term as large as the first where the content stands unpainted, times its share of the sum.
void balance_styles(Weights& weights, const Yardstick& yardstick, double style_to_content) {
  const auto size_of = [&](std::size_t term) {
    return std::max(kSmallestLoss,
                    sum_of_products(weights.style_layers, yardstick.style_terms[term]) /
                        static_cast<double>(weights.style_layers.size()));
  };
  const double first = size_of(0);
  const double shares =
      std::accumulate(weights.style_terms.begin(), weights.style_terms.end(), 0.0);
  for (std::size_t term = 0; term < weights.style_terms.size(); ++term) {
    weights.style_terms[term] *= first / size_of(term) / shares;
  }
  weights.style = style_to_content / first;
}

}  // namespace

Yardstick measure_yardstick(Objective& objective, const Image& content, const Image& reference) {
  const Problem& problem = objective.problem();
  Weights ones{1, 1, 0, {}, {}, {}};
  ones.content_layers.assign(problem.content_layers.size(), 1);
  ones.style_layers.assign(problem.style_layers.size(), 1);
  ones.style_terms.assign(problem.style_losses.size(), 1);
  objective.set_weights(ones);
  std::vector<float> gradient(content.size());
  return {objective.evaluate(reference.data, gradient).content_layers,
          objective.evaluate(content.data, gradient).style_terms};
}

bool is_complete(const Yardstick& yardstick) {
  const auto has_none = [](const std::vector<double>& layers) {
    return std::find(layers.begin(), layers.end(), 0.0) != layers.end();
  };
  return std::none_of(yardstick.style_terms.begin(), yardstick.style_terms.end(), has_none);
}

Weights balance(const Settings& settings, const std::optional<Yardstick>& yardstick) {
  const LiveSettings& live = settings.live;
  Weights weights;
  weights.tv = live.tv_weight;
  weights.content_layers =
      live.content_layer_weights.value_or(std::vector<double>(settings.content_layers.size(), 1));
  weights.style_layers =
      live.style_layer_weights.value_or(std::vector<double>(settings.style_layers.size(), 1));
  for (const auto& term : settings.style_terms) weights.style_terms.push_back(term.weight);
  if (yardstick) {
    const double content =
        std::max(kSmallestLoss, sum_of_products(weights.content_layers, yardstick->content_layers));
    weights.content = 1 / content;
    if (!live.style_weight) balance_styles(weights, *yardstick, live.style_to_content);
  }
  weights.content = live.content_weight.value_or(weights.content);
  weights.style = live.style_weight.value_or(weights.style);
  return weights;
}

}  // namespace impasto
