// What the graph has of a loss of one layer.
#pragma once

#include <functional>
#include <string>

#include "graph/builder.h"

namespace impasto {

struct LossNodes {
  std::string sum;       // [1, 1], what the host scales to the loss
  std::string gradient;  // [1, C, h, w], of the weighted loss with respect to the features
};

// Declares an input of the graph that a loss compares with, by the loss's own name for it, and
// returns the name that the graph knows.
using DeclareInput = std::function<std::string(const std::string& name, const Shape& shape)>;

}  // namespace impasto
