#include "optimize/balance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace impasto {
namespace {

double sum_of_products(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Terms of one kind, layers weighed together: each becomes as large as the first at the other
// extreme, times its share of `all`. Returns the first's size there.
double balance_terms(std::vector<double>& terms, const std::vector<double>& layers,
                     const std::vector<std::vector<double>>& yardstick, double all) {
  const auto size_of = [&](std::size_t term) {
    return std::max(kSmallestLoss, sum_of_products(layers, yardstick[term]));
  };
  for (std::size_t term = 0; term < terms.size(); ++term) {
    terms[term] *= size_of(0) / size_of(term) / all;
  }
  return size_of(0);
}

}  // namespace

Yardstick measure_yardstick(Objective& objective, const Image& content, const Image& reference) {
  const Problem& problem = objective.problem();
  Weights ones;
  ones.content = ones.style = 1;
  ones.content_layers.assign(problem.content_layers.size(), 1);
  ones.style_layers.assign(problem.style_layers.size(), 1);
  ones.content_terms.assign(problem.content_losses.size(), 1);
  ones.style_terms.assign(problem.style_losses.size(), 1);
  objective.set_weights(ones);
  std::vector<float> gradient(content.size());
  objective.rematch(content.data);
  const auto style_terms = objective.evaluate(content.data, gradient).style_terms;
  return {objective.evaluate(reference.data, gradient).content_terms, style_terms};
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
  for (const auto& term : feature_terms(settings)) weights.content_terms.push_back(term.weight);
  if (weights.content_terms.empty()) weights.content_layers.clear();
  if (yardstick && !live.content_weight && !weights.content_terms.empty()) {
    weights.content =
        1 / balance_terms(weights.content_terms, weights.content_layers, yardstick->content_terms,
                          sum_of_weights(settings.content_terms));
  }
  if (yardstick && !live.style_weight) {
    weights.style = live.style_to_content * static_cast<double>(weights.style_layers.size()) /
                    balance_terms(weights.style_terms, weights.style_layers, yardstick->style_terms,
                                  sum_of_weights(settings.style_terms));
    for (std::size_t t = 0; t < weights.style_terms.size(); ++t) {
      const MatchedLoss* matched = matched_loss(settings.style_terms[t].loss);
      if (matched != nullptr) weights.style_terms[t] *= matched->pull;
    }
  }
  weights.content = live.content_weight.value_or(weights.content);
  weights.style = live.style_weight.value_or(weights.style);
  return weights;
}

}  // namespace impasto
