// Nearest neighbors (Kolkin, Kucera, Paris, Shechtman & Shakhnarovich 2022, eq. 2): the mean over
// a layer's positions of 1 − cos(F − μ, S − μ), S the style's feature that is most like F, μ the
// style's mean.
#pragma once

#include "objective/matched_loss.h"

namespace impasto {

extern const MatchedLoss kNearestLoss;

}  // namespace impasto
