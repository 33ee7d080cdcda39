#include "objective/model.h"

#include <algorithm>

#include "objective/content_loss.h"
#include "objective/self_similarity.h"

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

bool is_among(const std::string& layer, const std::vector<std::string>& layers) {
  return std::find(layers.begin(), layers.end(), layer) != layers.end();
}

struct StyleNodes {
  std::vector<std::string> sums;  // [1, 1], of each loss
  std::string gradient;           // [1, C, h, w], of all of them, weighted; empty for none
};

Weighting add_weighting(GraphBuilder& graph, const std::string& place, const FeatureShape& shape,
                        bool masked) {
  return {add_mask(graph, std::string("style_") + names::kMask + place, shape, masked),
          graph.input(names::kInverseArea + place, {1, 1})};
}

// All style losses of a layer in one region: their slopes are added, then applied at once.
StyleNodes add_style_terms(GraphBuilder& graph, const VggForward& forward, std::size_t index,
                           const std::string& layer, const std::string& place,
                           const Problem& problem) {
  const FeatureShape& shape = forward.shapes[index];
  const bool masked = problem.masked || problem.regions > 0;
  const FeatureMatrix matrix = add_feature_matrix(graph, forward.features[index], shape,
                                                  add_weighting(graph, place, shape, masked));
  StyleNodes nodes;
  Slopes together;
  const auto add_gradient = [&](const std::string& gradient) {
    nodes.gradient =
        nodes.gradient.empty() ? gradient : graph.node("Add", {nodes.gradient, gradient});
  };
  for (std::size_t i = 0; i < problem.style_losses.size(); ++i) {
    const std::string term = term_name(place, i);
    const DeclareInput input = [&](const std::string& name, const Shape& of_input) {
      return graph.input(style_input(name, term), of_input);
    };
    if (const MatchedLoss* matched = matched_loss(problem.style_losses[i])) {
      const float nothing[] = {0};
      const LossNodes loss =
          matched->at(layer)
              ? matched->add(graph, forward.features[index], shape,
                             graph.input(names::kStyleFactor + term, {1, 1, 1, 1}), input)
              : LossNodes{graph.constant(nothing, {1, 1}), {}};
      nodes.sums.push_back(loss.sum);
      if (!loss.gradient.empty()) add_gradient(loss.gradient);
      continue;
    }
    const std::string factor = graph.input(names::kStyleFactor + term, {1, 1});
    if (const FeatureLoss* loss = feature_loss(problem.style_losses[i])) {
      const FeatureNodes part = loss->add(graph, matrix, input);
      nodes.sums.push_back(part.value);
      const std::string weighted = graph.node("Mul", {part.gradient, factor});
      add_gradient(graph.node("Reshape", {weighted, graph.constant(image_shape(shape))}));
      continue;
    }
    const Slopes slopes =
        add_moment_loss(graph, moment_loss(problem.style_losses[i]), matrix, input);
    nodes.sums.push_back(slopes.value);
    together = add_slopes(graph, together, scale_slopes(graph, slopes, factor));
  }
  if (!together.empty()) add_gradient(apply_slopes(graph, matrix, together));
  return nodes;
}

// One content loss of a layer. `mask`: an input of the graph, or empty.
LossNodes add_content_term(GraphBuilder& graph, const VggForward& forward, std::size_t index,
                           ContentLoss loss, const std::string& term, const std::string& mask) {
  const FeatureShape& shape = forward.shapes[index];
  const std::string target =
      graph.input(names::kContentTarget + term, content_target_shape(loss, shape));
  const std::string factor = graph.input(names::kContentFactor + term, {1, 1, 1, 1});
  if (loss == ContentLoss::kSelfSimilarity) {
    return add_self_similarity(graph, forward.features[index], shape, target, factor, mask);
  }
  return add_content_loss(graph, forward.features[index], target, factor, mask);
}

}  // namespace

std::string style_place_name(const std::string& layer, int region) {
  return region == 0 ? layer : layer + "_region" + std::to_string(region);
}

std::string term_name(const std::string& place, std::size_t term) {
  return term == 0 ? place : place + "_term" + std::to_string(term);
}

Shape content_target_shape(ContentLoss loss, const FeatureShape& shape) {
  if (loss != ContentLoss::kSelfSimilarity) return image_shape(shape);
  const auto sample = static_cast<std::int64_t>(sample_positions(shape.plane()).size());
  return {sample, sample};
}

std::string style_input(const std::string& input, const std::string& term) {
  return "style_" + input + "_" + term;
}

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
  const auto collect = [&](std::size_t index, const std::string& gradient) {
    auto [place, fresh] = gradients.emplace(index, gradient);
    if (!fresh) place->second = graph.node("Add", {place->second, gradient});
  };
  for (const std::string& layer : problem.style_layers) {
    const std::size_t index = layer_index(network, layer);
    for (int region = 0; region < std::max(1, problem.regions); ++region) {
      const std::string place = style_place_name(layer, region);
      const StyleNodes terms = add_style_terms(graph, forward, index, layer, place, problem);
      sums.insert(sums.end(), terms.sums.begin(), terms.sums.end());
      if (!terms.gradient.empty()) collect(index, terms.gradient);
    }
    if (is_matched(problem, layer) && !is_among(layer, problem.content_layers)) {
      graph.output(layer, image_shape(forward.shapes[index]));
    }
  }
  for (const std::string& layer : problem.content_layers) {
    const std::size_t index = layer_index(network, layer);
    const std::string mask = add_mask(graph, std::string("content_") + names::kMask + layer,
                                      forward.shapes[index], problem.masked);
    for (std::size_t t = 0; t < problem.content_losses.size(); ++t) {
      const LossNodes loss = add_content_term(graph, forward, index, problem.content_losses[t],
                                              term_name(layer, t), mask);
      sums.push_back(loss.sum);
      collect(index, loss.gradient);
    }
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
    const Weighting weighting = add_weighting(graph, layer, shape, measurement.masked);
    const FeatureMatrix matrix =
        add_feature_matrix(graph, forward.features[index], shape, weighting);
    add_mean(graph, matrix, names::kMean + layer);
    graph.output(names::kMean + layer, {shape.channels, 1});
    add_gram(graph, matrix, names::kGram + layer);
    graph.output(names::kGram + layer, {shape.channels, shape.channels});
  }
  for (const std::string& layer : measurement.content_layers) {
    graph.output(layer, image_shape(forward.shapes[layer_index(network, layer)]));
  }
  return graph.build();
}

}  // namespace impasto
