// Patches (Li & Wand 2016, eq. 2 and 3): the mean square by which 3 × 3 patches of features differ
// from those of the style that are most like them by normalized cross-correlation; at the layers of
// blocks 3 and 4, relu3_1 and relu4_1 as a rule.
#pragma once

#include "objective/matched_loss.h"

namespace impasto {

extern const MatchedLoss kPatchLoss;

}  // namespace impasto
