// From strength to weights. Raw losses differ by orders of magnitude between pictures, sizes and
// networks; strength means the same everywhere because each loss is divided by what it is at the
// other extreme: the content loss by that of the bare style picture, each style loss by that of the
// bare content.
#pragma once

#include <optional>
#include <vector>

#include "base/settings.h"
#include "objective/objective.h"

namespace impasto {

// Pictures that are alike have nothing to divide by.
inline constexpr double kSmallestLoss = 1e-8;

template <typename Loss>
double sum_of_weights(const std::vector<Term<Loss>>& terms) {
  double sum = 0;
  for (const Term<Loss>& term : terms) sum += term.weight;
  return sum;
}

// Losses by layer at the two extremes, in the units of the objective.
struct Yardstick {
  // By layer for each loss of the sum.
  std::vector<std::vector<double>> content_terms;  // of the style picture
  std::vector<std::vector<double>> style_terms;    // of the content picture
};

// Two evaluations. `reference` is a picture of the style, of the content's size.
Yardstick measure_yardstick(Objective& objective, const Image& content, const Image& reference);

// True when each style layer has a loss to go by.
bool is_complete(const Yardstick& yardstick);

// Weights set by hand take the place of those from strength; without a yardstick both must be set.
Weights balance(const Settings& settings, const std::optional<Yardstick>& yardstick);

}  // namespace impasto
