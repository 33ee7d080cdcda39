// The style losses of one layer by name, and several styles as one.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/settings.h"
#include "objective/matched_loss.h"
#include "objective/moment_loss.h"

namespace impasto {

// A style picture, or several blended, measured once for all losses: moments by layer, and patches
// for the losses that match them.
struct MeasuredStyle {
  std::map<std::string, Moments> layers;
  std::map<StyleLoss, std::map<std::string, StylePatches>> patches;
};

// Of a loss that matched_loss() does not know.
const MomentLoss& moment_loss(StyleLoss loss);
// Null for a loss of moments.
const MatchedLoss* matched_loss(StyleLoss loss);

// True when both sums are the same graph and differ in their targets alone.
bool same_graph(std::span<const StyleLoss> a, std::span<const StyleLoss> b);

MeasuredStyle blend(std::span<const MeasuredStyle> styles, std::span<const double> weights);

}  // namespace impasto
