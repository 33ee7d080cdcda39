// Style losses of one layer. Each that is a function of moments stands in a file of its own as one
// MomentLoss: what it makes of a style's moments on the host, and of the picture's in the graph.
// Untiled, moments, slopes and their application stand in one graph (add_style_loss); the three
// steps meet only in the nodes that MomentNodes and Slopes name, so each may stand in a graph of
// its own and be given the others' results as inputs. A Weighting of its own makes a region.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/settings.h"
#include "objective/loss.h"
#include "objective/moments.h"

namespace impasto {

// A style picture, or several blended, measured once for all losses: moments by layer.
struct MeasuredStyle {
  std::map<std::string, Moments> layers;
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

struct MomentLoss {
  MomentKind moments;
  // Several styles as one.
  Moments (*blend)(std::span<const Moments* const> styles, std::span<const double> weights);
  StyleTarget (*prepare)(const Moments& style);
  Slopes (*add_slopes)(GraphBuilder& graph, const MomentNodes& moments, int channels,
                       const DeclareInput& input);
};

const MomentLoss& moment_loss(StyleLoss loss);

// True when both losses are the same graph and differ in their targets alone.
bool same_graph(StyleLoss a, StyleLoss b);

// `factor`: an input of the graph, [1, 1], from style_factor().
LossNodes add_style_loss(GraphBuilder& graph, StyleLoss loss, const std::string& features,
                         const FeatureShape& shape, const Weighting& weighting,
                         const std::string& factor, const DeclareInput& input);

// The factor for a loss of weight `weight` and the scale of its target.
inline double style_factor(double weight, double scale, double area) {
  return 2 * weight * scale / area;
}

MeasuredStyle blend(StyleLoss loss, std::span<const MeasuredStyle> styles,
                    std::span<const double> weights);

}  // namespace impasto
