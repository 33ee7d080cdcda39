// The style losses of one layer by name, and several styles as one.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/settings.h"
#include "objective/feature_loss.h"
#include "objective/matched_loss.h"
#include "objective/moment_loss.h"

namespace impasto {

// A style picture, or several blended, measured once for all losses: moments by layer, features for
// the losses that are no function of them, and patches for the losses that match them.
struct MeasuredStyle {
  std::map<std::string, Moments> layers;
  std::map<std::string, std::vector<StyleFeatures>> features;  // of each style
  std::map<StyleLoss, std::map<std::string, StylePatches>> patches;
};

// A loss is one of the three. Of one that the others do not know:
const MomentLoss& moment_loss(StyleLoss loss);
// Null where it is another.
const FeatureLoss* feature_loss(StyleLoss loss);
const MatchedLoss* matched_loss(StyleLoss loss);

std::vector<StyleLoss> losses_of(std::span<const Term<StyleLoss>> terms);

// True when feature_loss() knows one of them.
bool need_features(std::span<const StyleLoss> losses);

// True when both sums are the same graph and differ in their targets alone.
bool same_graph(std::span<const StyleLoss> a, std::span<const StyleLoss> b);

// Each layer of those styles that have it.
MeasuredStyle blend(std::span<const MeasuredStyle> styles, std::span<const double> weights);

}  // namespace impasto
