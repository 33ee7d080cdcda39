// Statistics of a picture: moments at style layers, features at content layers, by a forward pass.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "objective/model.h"

namespace impasto {

struct Measured {
  std::map<std::string, Moments> style;
  std::map<std::string, std::vector<float>> content;  // [C, h, w]
};

// `picture`: [3, H, W]; `mask`: [1, H, W] or null. Height, width and masked of `measurement` are
// taken from them. `watch`: see objective.h.
Measured measure(std::shared_ptr<const Network> network, const Image& picture, const Image* mask,
                 Measurement measurement, Padding padding, const DeviceOptions& device,
                 const Watch& watch = {});

}  // namespace impasto
