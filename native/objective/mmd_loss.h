// Style loss of one layer by the maximum mean discrepancy (Li, Wang, Liu & Hou 2017, eq. 8-10).
// Linear kernel: |μ − μₜ|², relative to the style's energy. Gaussian kernel
// k(x, y) = exp(−|x − y|² / 2σ²): |E z(x) − E z(y)|² with z(x) = √(2/D) cos(W x + b), whose
// products are k on average (Rahimi & Recht 2007); W and b are drawn once. σ is the median distance
// between pairs of the style's positions. Where Li et al. sample pairs at each step, which leaves
// most pixels of a shallow layer alone, here all positions pull at every step.
#pragma once

#include "objective/feature_loss.h"
#include "objective/moment_loss.h"

namespace impasto {

extern const MomentLoss kLinearMmdLoss;
extern const FeatureLoss kGaussianMmdLoss;

}  // namespace impasto
