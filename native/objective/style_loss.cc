#include "objective/style_loss.h"

#include <algorithm>

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
  if (styles.empty() || styles.size() != weights.size()) {
    throw Error("internal", "There must be one weight for each style.");
  }
  MeasuredStyle result;
  for (const auto& [layer, first] : styles.front().layers) {
    std::vector<const Moments*> parts;
    for (const MeasuredStyle& style : styles) parts.push_back(&style.layers.at(layer));
    result.layers.emplace(layer, average_moments(parts, weights));
    for (std::size_t i = 0; i < styles.size(); ++i) {
      const auto own = styles[i].features.find(layer);
      if (own == styles[i].features.end()) continue;
      for (StyleFeatures features : own->second) {
        features.share *= weights[i];
        result.features[layer].push_back(std::move(features));
      }
    }
  }
  for (const auto& [loss, layers] : styles.front().patches) {
    for (const auto& [layer, first] : layers) {
      std::vector<const StylePatches*> parts;
      for (const MeasuredStyle& style : styles) parts.push_back(&style.patches.at(loss).at(layer));
      result.patches[loss].emplace(layer, mix_patches(*matched_loss(loss), parts, weights));
    }
  }
  return result;
}

}  // namespace impasto
