// Style loss of one layer by Gram matrices (Gatys et al. 2016, eq. 3-5): Σ (G − A)² times a scale,
// G = F diag(m) Fᵀ / area. Canonical: the mean over C² entries. Normalized: divided by Σ A², so
// that layers, sizes and pictures weigh alike.
#pragma once

#include "objective/moment_loss.h"

namespace impasto {

extern const MomentLoss kGramLoss;
extern const MomentLoss kNormalizedGramLoss;

}  // namespace impasto
