// Style loss of one layer by the channels' means and standard deviations (Li, Wang, Liu & Hou 2017,
// eq. 11), |μ − μₜ|² + |σ − σₜ|², relative to the style's energy.
#pragma once

#include "objective/moment_loss.h"

namespace impasto {

extern const MomentLoss kBnLoss;

}  // namespace impasto
