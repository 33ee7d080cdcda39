// Sliced Wasserstein distance of one layer (Heitz, Vanhoey, Chambon & Belcour 2021, eq. 2-3): the
// features along random directions, sorted, against the style's quantiles along the same; relative
// to the style's energy along a direction. Ours keeps its directions, which L-BFGS wants, where
// theirs draws new ones at each step.
#pragma once

#include "objective/feature_loss.h"

namespace impasto {

extern const FeatureLoss kSlicedLoss;

}  // namespace impasto
