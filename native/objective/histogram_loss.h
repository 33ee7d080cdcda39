// Style loss of one layer by histograms (Risser, Wilmot & Barnes 2017, eq. 4): each channel's
// features against themselves, remapped so that their histogram is the style's, the remapped ones
// held constant; relative to the style's energy. Ours is remapped by ranks, not by 256 bins.
#pragma once

#include "objective/feature_loss.h"

namespace impasto {

extern const FeatureLoss kHistogramLoss;

}  // namespace impasto
