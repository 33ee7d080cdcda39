// The filters of the backward pass: the gradient of a 3×3 convolution with respect to its input is
// a convolution with the filters turned by 180° and in and out swapped (much faster than
// ConvTranspose on the CPU provider).
#pragma once

#include <memory>
#include <vector>

#include "network/network.h"

namespace impasto {

struct FlippedFilters {
  std::shared_ptr<const Network> network;   // kept, so that its address stays a valid key
  std::vector<std::vector<float>> filters;  // [in, out, 3, 3] for each convolution
};

// One copy for all sessions of a network. The filters that follow a pool hold a factor ¼: the
// gradient of the 2×2 average, folded in so that no Mul breaks the CPU provider's blocked layout.
std::shared_ptr<const FlippedFilters> flipped_filters(std::shared_ptr<const Network> network);

}  // namespace impasto
