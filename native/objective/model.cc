#include "objective/model.h"

#include <algorithm>

#include "objective/content_loss.h"
#include "objective/gram_loss.h"
#include "objective/wasserstein_loss.h"

namespace impasto {
namespace {

Shape image_shape(const FeatureShape& shape) {
  return {1, shape.channels, shape.height, shape.width};
}

std::string add_pixels(GraphBuilder& graph, int height, int width) {
  return graph.input(names::kPixels, {1, 3, height + 2, width + 2});
}

std::string add_mask(GraphBuilder& graph, const std::string& name, const FeatureShape& shape,
                     bool masked) {
  if (!masked) return {};
  return graph.input(name, {1, 1, shape.height, shape.width});
}

LossNodes add_style_loss(GraphBuilder& graph, const VggForward& forward, std::size_t index,
                         const std::string& layer, const Problem& problem) {
  const FeatureShape& shape = forward.shapes[index];
  const bool gaussian = problem.style_loss == StyleLoss::kW2;
  StyleInputs inputs;
  inputs.target = graph.input(names::kStyleTarget + layer, {shape.channels, shape.channels});
  inputs.factor = graph.input(names::kStyleFactor + layer, {1, 1});
  inputs.inverse_area = graph.input(names::kInverseArea + layer, {1, 1});
  inputs.mask =
      add_mask(graph, std::string("style_") + names::kMask + layer, shape, problem.masked);
  if (!gaussian) return add_gram_loss(graph, forward.features[index], shape, inputs);
  inputs.mean = graph.input(names::kStyleMean + layer, {shape.channels, 1});
  inputs.ridge = graph.input(names::kStyleRidge + layer, {1, 1});
  return add_wasserstein_loss(graph, forward.features[index], shape, inputs);
}

LossNodes add_content_term(GraphBuilder& graph, const VggForward& forward, std::size_t index,
                           const std::string& layer, const Problem& problem) {
  const FeatureShape& shape = forward.shapes[index];
  const std::string target = graph.input(names::kContentTarget + layer, image_shape(shape));
  const std::string factor = graph.input(names::kContentFactor + layer, {1, 1, 1, 1});
  const std::string mask =
      add_mask(graph, std::string("content_") + names::kMask + layer, shape, problem.masked);
  return add_content_loss(graph, forward.features[index], target, factor, mask);
}

}  // namespace

std::size_t depth_of(const Network& network, const std::vector<std::string>& style_layers,
                     const std::vector<std::string>& content_layers) {
  std::size_t depth = 0;
  for (const auto& layer : style_layers) depth = std::max(depth, layer_index(network, layer) + 1);
  for (const auto& layer : content_layers) {
    depth = std::max(depth, layer_index(network, layer) + 1);
  }
  return depth;
}

ort::Model build_objective_model(const Network& network, const FlippedFilters& flipped,
                                 const Problem& problem) {
  GraphBuilder graph;
  const std::string pixels = add_pixels(graph, problem.height, problem.width);
  const std::size_t depth = depth_of(network, problem.style_layers, problem.content_layers);
  const VggForward forward = add_vgg_forward(graph, network, pixels, problem.height, problem.width,
                                             depth, problem.pooling);
  std::map<std::size_t, std::string> gradients;
  std::vector<std::string> sums;
  const auto collect = [&](std::size_t index, const LossNodes& loss) {
    sums.push_back(loss.sum);
    auto [place, fresh] = gradients.emplace(index, loss.gradient);
    if (!fresh) place->second = graph.node("Add", {place->second, loss.gradient});
  };
  for (const std::string& layer : problem.style_layers) {
    const std::size_t index = layer_index(network, layer);
    collect(index, add_style_loss(graph, forward, index, layer, problem));
  }
  for (const std::string& layer : problem.content_layers) {
    const std::size_t index = layer_index(network, layer);
    collect(index, add_content_term(graph, forward, index, layer, problem));
    graph.output(layer, image_shape(forward.shapes[index]));
  }
  graph.node("Concat", sums, {{"axis", std::int64_t{0}}}, names::kSums);
  graph.output(names::kSums, {static_cast<std::int64_t>(sums.size()), 1});
  add_vgg_backward(graph, flipped, forward, gradients, problem.pooling, names::kGradient);
  graph.output(names::kGradient, {1, 3, problem.height + 2, problem.width + 2});
  return graph.build();
}

ort::Model build_measurement_model(const Network& network, const Measurement& measurement) {
  GraphBuilder graph;
  const std::string pixels = add_pixels(graph, measurement.height, measurement.width);
  const std::size_t depth = depth_of(network, measurement.style_layers, measurement.content_layers);
  const VggForward forward = add_vgg_forward(graph, network, pixels, measurement.height,
                                             measurement.width, depth, measurement.pooling);
  for (const std::string& layer : measurement.style_layers) {
    const std::size_t index = layer_index(network, layer);
    const FeatureShape& shape = forward.shapes[index];
    const std::string inverse_area = graph.input(names::kInverseArea + layer, {1, 1});
    const std::string mask =
        add_mask(graph, std::string("style_") + names::kMask + layer, shape, measurement.masked);
    const FeatureMatrix matrix = add_feature_matrix(graph, forward.features[index], mask, shape);
    const std::int64_t columns[] = {1};
    const std::string sums = graph.node("ReduceSum", {matrix.weighted, graph.constant(columns)});
    graph.node("Mul", {sums, inverse_area}, {}, names::kMean + layer);
    graph.output(names::kMean + layer, {shape.channels, 1});
    add_gram(graph, matrix, inverse_area, names::kGram + layer);
    graph.output(names::kGram + layer, {shape.channels, shape.channels});
  }
  for (const std::string& layer : measurement.content_layers) {
    graph.output(layer, image_shape(forward.shapes[layer_index(network, layer)]));
  }
  return graph.build();
}

}  // namespace impasto
