// A style loss that is a function of moments: what it makes of a style's moments on the host, and
// of the picture's in the graph. Untiled, moments, slopes and their application stand in one graph
// (add_moment_loss); the three steps meet only in the nodes that MomentNodes and Slopes name, so
// each may stand in a graph of its own and be given the others' results as inputs. A Weighting of
// its own makes a region.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "objective/loss.h"
#include "objective/moments.h"

namespace impasto {

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

struct MomentLoss {
  MomentKind moments;
  // Several styles as one.
  Moments (*blend)(std::span<const Moments* const> styles, std::span<const double> weights);
  StyleTarget (*prepare)(const Moments& style);
  Slopes (*add_slopes)(GraphBuilder& graph, const MomentNodes& moments, int channels,
                       const DeclareInput& input);
};

// `factor`: an input of the graph, [1, 1], from style_factor().
LossNodes add_moment_loss(GraphBuilder& graph, const MomentLoss& loss, const std::string& features,
                          const FeatureShape& shape, const Weighting& weighting,
                          const std::string& factor, const DeclareInput& input);

// The factor for a loss of weight `weight` and the scale of its target.
inline double style_factor(double weight, double scale, double area) {
  return 2 * weight * scale / area;
}

}  // namespace impasto
