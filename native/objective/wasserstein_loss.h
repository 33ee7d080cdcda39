// Style loss of one layer as the squared Wasserstein-2 distance between Gaussians fitted to the
// features (Mroueh 2019; crowsonkb 2021), per channel and relative to the target's energy:
//   |μ − μₜ|² + tr(Cₜ + C − 2 (Cₜ^½ C Cₜ^½)^½), divided by tr(Sₜ), S = C + μμᵀ.
// Its gradient in closed form: with T = Cₜ^½ (Cₜ^½ C Cₜ^½)^-½ Cₜ^½ (the optimal transport map),
// d/dC = I − T and d/dμ = 2 (μ − μₜ). Unlike crowsonkb's, the Newton–Schulz iteration is scaled
// (Chen & Chow 2014), which converges in twelve steps where the plain one stops short.
#pragma once

#include "objective/moment_loss.h"

namespace impasto {

extern const MomentLoss kWassersteinLoss;

}  // namespace impasto
