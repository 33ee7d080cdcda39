#include "objective/style_loss.h"

#include <algorithm>

#include "base/error.h"
#include "objective/gram_loss.h"
#include "objective/nearest_loss.h"
#include "objective/patch_loss.h"
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
    case StyleLoss::kNearest:
    case StyleLoss::kPatches:
      break;
  }
  throw Error("internal", "This style loss is not known.");
}

const MatchedLoss* matched_loss(StyleLoss loss) {
  if (loss == StyleLoss::kNearest) return &kNearestLoss;
  if (loss == StyleLoss::kPatches) return &kPatchLoss;
  return nullptr;
}

bool same_graph(std::span<const StyleLoss> a, std::span<const StyleLoss> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](StyleLoss one, StyleLoss other) {
    if (matched_loss(one) != nullptr || matched_loss(other) != nullptr) return one == other;
    return moment_loss(one).add_slopes == moment_loss(other).add_slopes;
  });
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
