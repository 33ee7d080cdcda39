#include "objective/tile_model.h"

#include <algorithm>

#include "objective/content_loss.h"

namespace impasto {
namespace {

VggForward add_forward(GraphBuilder& graph, const Network& network, const Problem& tile,
                       std::size_t depth) {
  const std::string pixels = graph.input(names::kPixels, {1, 3, tile.height + 2, tile.width + 2});
  return add_vgg_forward(graph, network, pixels, tile.height, tile.width, depth, tile.pooling);
}

std::string add_mask(GraphBuilder& graph, const char* role, const std::string& name,
                     const FeatureShape& shape) {
  return graph.input(std::string(role) + names::kMask + name, {1, 1, shape.height, shape.width});
}

// What is a function of the mean alone gets the covariance with it.
MomentKind moments_in_tiles(StyleLoss loss) {
  const MomentKind kind = moment_loss(loss).moments;
  return kind == MomentKind::kMean ? MomentKind::kCovariance : kind;
}

}  // namespace

std::vector<StylePlace> style_places(const Problem& problem) {
  std::vector<StylePlace> places;
  for (const std::string& layer : problem.style_layers) {
    for (int region = 0; region < std::max(1, problem.regions); ++region) {
      places.push_back({style_place_name(layer, region), layer});
    }
  }
  return places;
}

bool needs(const Problem& problem, MomentKind kind) {
  return std::any_of(problem.style_losses.begin(), problem.style_losses.end(),
                     [kind](StyleLoss loss) { return moments_in_tiles(loss) == kind; });
}

ort::Model build_moments_model(const Network& network, const Problem& tile,
                               std::span<const StylePlace> places) {
  GraphBuilder graph;
  std::size_t depth = 0;
  for (const StylePlace& place : places) {
    depth = std::max(depth, layer_index(network, place.layer) + 1);
  }
  const VggForward forward = add_forward(graph, network, tile, depth);
  for (const StylePlace& place : places) {
    const std::size_t index = layer_index(network, place.layer);
    const FeatureShape& shape = forward.shapes[index];
    const Weighting weighting = {add_mask(graph, "style_", place.name, shape),
                                 graph.input(names::kInverseArea + place.name, {1, 1})};
    const FeatureMatrix matrix =
        add_feature_matrix(graph, forward.features[index], shape, weighting);
    const MomentNodes moments = add_moments(graph, matrix, MomentKind::kCovariance);
    graph.node("Identity", {moments.mean}, {}, names::kMean + place.name);
    graph.output(names::kMean + place.name, {shape.channels, 1});
    graph.node("Identity", {moments.second}, {}, names::kCovariance + place.name);
    graph.output(names::kCovariance + place.name, {shape.channels, shape.channels});
  }
  return graph.build();
}

ort::Model build_slopes_model(const Network& network, const Problem& problem) {
  GraphBuilder graph;
  std::vector<std::string> sums;
  for (const StylePlace& place : style_places(problem)) {
    const int channels = network.convolutions[layer_index(network, place.layer)].out_channels;
    const Shape square = {channels, channels};
    MomentNodes raw, centered;
    if (needs(problem, MomentKind::kGram))
      raw.second = graph.input(names::kGram + place.name, square);
    if (needs(problem, MomentKind::kCovariance)) {
      centered = {graph.input(names::kMean + place.name, {channels, 1}),
                  graph.input(names::kCovariance + place.name, square)};
    }
    Slopes together;
    for (std::size_t i = 0; i < problem.style_losses.size(); ++i) {
      const MomentLoss& loss = moment_loss(problem.style_losses[i]);
      const std::string term = term_name(place.name, i);
      const Slopes slopes =
          loss.add_slopes(graph, loss.moments == MomentKind::kGram ? raw : centered, channels,
                          [&](const std::string& name, const Shape& of_input) {
                            return graph.input(style_input(name, term), of_input);
                          });
      const std::string factor = graph.input(names::kStyleFactor + term, {1, 1});
      sums.push_back(slopes.value);
      together = add_slopes(graph, together, scale_slopes(graph, slopes, factor));
    }
    if (together.matrix.empty()) {
      const std::vector<float> zeros(static_cast<std::size_t>(channels) * channels);
      together.matrix = graph.constant(zeros, square);
    }
    graph.node("Identity", {together.matrix}, {}, names::kSlope + place.name);
    graph.output(names::kSlope + place.name, square);
    if (together.offset.empty()) continue;
    graph.node("Identity", {together.offset}, {}, names::kOffset + place.name);
    graph.output(names::kOffset + place.name, {channels, 1});
  }
  graph.node("Concat", sums, {{"axis", std::int64_t{0}}}, names::kSums);
  graph.output(names::kSums, {static_cast<std::int64_t>(sums.size()), 1});
  return graph.build();
}

ort::Model build_tile_gradient_model(const Network& network, const FlippedFilters& flipped,
                                     const Problem& tile) {
  GraphBuilder graph;
  const VggForward forward =
      add_forward(graph, network, tile, depth_of(network, tile.style_layers, tile.content_layers));
  std::map<std::size_t, std::string> gradients;
  const auto collect = [&](std::size_t index, const std::string& gradient) {
    auto [place, fresh] = gradients.emplace(index, gradient);
    if (!fresh) place->second = graph.node("Add", {place->second, gradient});
  };
  for (const StylePlace& place : style_places(tile)) {
    const std::size_t index = layer_index(network, place.layer);
    const FeatureShape& shape = forward.shapes[index];
    const Weighting weighting = {add_mask(graph, "style_", place.name, shape), {}};
    const FeatureMatrix matrix =
        add_feature_matrix(graph, forward.features[index], shape, weighting);
    Slopes slopes;
    slopes.matrix = graph.input(names::kSlope + place.name, {shape.channels, shape.channels});
    if (needs(tile, MomentKind::kCovariance)) {
      slopes.offset = graph.input(names::kOffset + place.name, {shape.channels, 1});
    }
    collect(index, apply_slopes(graph, matrix, slopes));
  }
  std::vector<std::string> sums;
  for (const std::string& layer : tile.content_layers) {
    const std::size_t index = layer_index(network, layer);
    const FeatureShape& shape = forward.shapes[index];
    const Shape image = {1, shape.channels, shape.height, shape.width};
    const LossNodes loss = add_content_loss(
        graph, forward.features[index], graph.input(names::kContentTarget + layer, image),
        graph.input(names::kContentFactor + layer, {1, 1, 1, 1}),
        add_mask(graph, "content_", layer, shape));
    sums.push_back(loss.sum);
    collect(index, loss.gradient);
  }
  if (!sums.empty()) {
    graph.node("Concat", sums, {{"axis", std::int64_t{0}}}, names::kSums);
    graph.output(names::kSums, {static_cast<std::int64_t>(sums.size()), 1});
  }
  add_vgg_backward(graph, flipped, forward, gradients, tile.pooling, names::kGradient);
  graph.output(names::kGradient, {1, 3, tile.height + 2, tile.width + 2});
  return graph.build();
}

}  // namespace impasto
