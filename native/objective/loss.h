// What the graph has of a loss of one layer, and what the host gives it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "graph/builder.h"

namespace impasto {

struct LossNodes {
  std::string sum;       // [1, 1], what the host scales to the loss
  std::string gradient;  // [1, C, h, w], of the weighted loss with respect to the features
};

// What the graph compares a layer with, and what turns its sum into the loss:
// scale · (sum + offset).
struct StyleTarget {
  struct Input {
    std::string name;  // as the loss declares it
    Shape shape;
    std::vector<float> values;
  };
  std::vector<Input> inputs;
  double scale = 1;
  double offset = 0;
};

// Declares an input of the graph that a loss compares with, by the loss's own name for it, and
// returns the name that the graph knows.
using DeclareInput = std::function<std::string(const std::string& name, const Shape& shape)>;

}  // namespace impasto
