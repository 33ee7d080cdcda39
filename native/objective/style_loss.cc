#include "objective/style_loss.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "objective/bn_loss.h"
#include "objective/gram_loss.h"
#include "objective/histogram_loss.h"
#include "objective/mmd_loss.h"
#include "objective/nearest_loss.h"
#include "objective/patch_loss.h"
#include "objective/sliced_loss.h"
#include "objective/wasserstein_loss.h"

namespace impasto {
namespace {

// What those styles have of one layer that have it.
template <typename Part>
struct Parts {
  std::vector<const Part*> of_styles;
  std::vector<double> weights;

  void add(const Part& part, double weight) {
    of_styles.push_back(&part);
    weights.push_back(weight);
  }
};

}  // namespace

const MomentLoss& moment_loss(StyleLoss loss) {
  switch (loss) {
    case StyleLoss::kGram:
      return kGramLoss;
    case StyleLoss::kGramNormalized:
      return kNormalizedGramLoss;
    case StyleLoss::kW2:
      return kWassersteinLoss;
    case StyleLoss::kBn:
      return kBnLoss;
    case StyleLoss::kMmdLinear:
      return kLinearMmdLoss;
    case StyleLoss::kMmdGaussian:
    case StyleLoss::kSliced:
    case StyleLoss::kHistogram:
    case StyleLoss::kNearest:
    case StyleLoss::kPatches:
      break;
  }
  throw Error("internal", "This style loss is not known.");
}

const FeatureLoss* feature_loss(StyleLoss loss) {
  if (loss == StyleLoss::kMmdGaussian) return &kGaussianMmdLoss;
  if (loss == StyleLoss::kSliced) return &kSlicedLoss;
  if (loss == StyleLoss::kHistogram) return &kHistogramLoss;
  return nullptr;
}

const MatchedLoss* matched_loss(StyleLoss loss) {
  if (loss == StyleLoss::kNearest) return &kNearestLoss;
  if (loss == StyleLoss::kPatches) return &kPatchLoss;
  return nullptr;
}

bool same_graph(std::span<const StyleLoss> a, std::span<const StyleLoss> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](StyleLoss one, StyleLoss other) {
    const auto is_of_moments = [](StyleLoss loss) {
      return matched_loss(loss) == nullptr && feature_loss(loss) == nullptr;
    };
    if (!is_of_moments(one) || !is_of_moments(other)) return one == other;
    return moment_loss(one).add_slopes == moment_loss(other).add_slopes;
  });
}

std::vector<StyleLoss> losses_of(std::span<const Term<StyleLoss>> terms) {
  std::vector<StyleLoss> losses;
  for (const Term<StyleLoss>& term : terms) losses.push_back(term.loss);
  return losses;
}

bool need_features(std::span<const StyleLoss> losses) {
  return std::any_of(losses.begin(), losses.end(),
                     [](StyleLoss loss) { return feature_loss(loss) != nullptr; });
}

MeasuredStyle blend(std::span<const MeasuredStyle> styles, std::span<const double> weights) {
  if (styles.size() != weights.size()) {
    throw Error("internal", "There must be one weight for each style.");
  }
  MeasuredStyle result;
  std::map<std::string, Parts<Moments>> moments;
  std::map<std::pair<StyleLoss, std::string>, Parts<StylePatches>> patches;
  for (std::size_t i = 0; i < styles.size(); ++i) {
    for (const auto& [layer, part] : styles[i].layers) moments[layer].add(part, weights[i]);
    for (const auto& [layer, parts] : styles[i].features) {
      for (StyleFeatures features : parts) {
        features.share *= weights[i];
        result.features[layer].push_back(std::move(features));
      }
    }
    for (const auto& [loss, layers] : styles[i].patches) {
      for (const auto& [layer, part] : layers) patches[{loss, layer}].add(part, weights[i]);
    }
  }
  for (const auto& [layer, parts] : moments) {
    result.layers.emplace(layer, average_moments(parts.of_styles, parts.weights));
  }
  for (const auto& [key, parts] : patches) {
    const auto& [loss, layer] = key;
    result.patches[loss].emplace(layer,
                                 mix_patches(*matched_loss(loss), parts.of_styles, parts.weights));
  }
  return result;
}

}  // namespace impasto
