// A style loss that is a function of moments: what it makes of a style's moments on the host, and
// of the picture's in the graph. Untiled, moments, slopes and their application stand in one graph;
// the three steps meet only in the nodes that MomentNodes and Slopes name, so each may stand in a
// graph of its own and be given the others' results as inputs. A Weighting of its own makes a
// region.
#pragma once

#include <string>
#include <vector>

#include "objective/loss.h"
#include "objective/moments.h"

namespace impasto {

struct MomentLoss {
  MomentKind moments;
  StyleTarget (*prepare)(const Moments& style);
  Slopes (*add_slopes)(GraphBuilder& graph, const MomentNodes& moments, int channels,
                       const DeclareInput& input);
};

// The slopes of the loss at the features of `matrix`.
Slopes add_moment_loss(GraphBuilder& graph, const MomentLoss& loss, const FeatureMatrix& matrix,
                       const DeclareInput& input);

// The factor for a loss of weight `weight` and the scale of its target.
inline double style_factor(double weight, double scale, double area) {
  return 2 * weight * scale / area;
}

}  // namespace impasto
