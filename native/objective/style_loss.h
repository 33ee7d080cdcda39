// The style losses of one layer by name, and several styles as one.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/settings.h"
#include "objective/moment_loss.h"

namespace impasto {

// A style picture, or several blended, measured once for all losses: moments by layer.
struct MeasuredStyle {
  std::map<std::string, Moments> layers;
};

const MomentLoss& moment_loss(StyleLoss loss);

// True when both sums are the same graph and differ in their targets alone.
bool same_graph(std::span<const StyleLoss> a, std::span<const StyleLoss> b);

MeasuredStyle blend(std::span<const MeasuredStyle> styles, std::span<const double> weights);

}  // namespace impasto
